import { type ImageRef, type PullPolicy, type RegistryCredential, type RunId } from "@lapcat/engine";
import { type ClusterObjects } from "@lapcat/tekton";
import { type CaFile } from "./certificate-authority.ts";

/** What the machine and its user add to what the TaskRun says. */
export interface PodOptions {
  readonly run: RunId;
  readonly objects: ClusterObjects;
  /** The image that serves in place of the one written. */
  readonly mapImage: (image: ImageRef) => ImageRef;
  /** For every container, whatever it says itself. */
  readonly pullPolicy?: PullPolicy;
  /** Logins of the user's own, found in every step's `.docker/config.json` unless the ServiceAccount's Secrets say otherwise. */
  readonly credentials?: readonly RegistryCredential[];
  readonly caFile?: CaFile;
  /** What a cluster's `feature-flags` and `config-defaults` say of Pods; upstream's own when absent. */
  readonly settings?: PodFlags;
  /** Where a `hostPath` may lie: each of these, and all below it. */
  readonly hostPaths?: readonly string[];
  /** `spec.nodeName` of the downward API. */
  readonly nodeName?: string;
}

export interface PodFlags {
  /** `await-sidecar-readiness`. */
  readonly awaitSidecars: boolean;
  /** `enable-kubernetes-sidecar`. */
  readonly kubernetesSidecar: boolean;
  /** False with `disable-creds-init`. */
  readonly credsInit: boolean;
  /** `default-managed-by-label-value`: of every Pod, whatever the TaskRun says. */
  readonly managedBy: string;
  /** `enable-api-fields` is alpha. */
  readonly alpha: boolean;
  /** `default-forbidden-env`: variables that a podTemplate may not set. */
  readonly forbiddenEnv: readonly string[];
}

export const defaultPodFlags: PodFlags = {
  awaitSidecars: true,
  kubernetesSidecar: false,
  credsInit: true,
  managedBy: "tekton-pipelines",
  alpha: false,
  forbiddenEnv: [],
};
