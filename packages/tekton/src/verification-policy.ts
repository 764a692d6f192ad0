import { type ObjectMeta } from "./kubernetes.ts";

/** tekton.dev/v1alpha1 VerificationPolicy: it is read and judged, and nothing is verified here. */
export interface VerificationPolicy {
  readonly apiVersion: "tekton.dev/v1alpha1";
  readonly kind: "VerificationPolicy";
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly resources?: readonly { readonly pattern?: string }[];
    readonly authorities?: readonly { readonly name?: string; readonly key?: VerificationKey }[];
    readonly mode?: string;
  };
}

export interface VerificationKey {
  readonly secretRef?: { readonly name?: string; readonly namespace?: string };
  readonly data?: string;
  readonly kms?: string;
  readonly hashAlgorithm?: string;
}
