import { anything, boolean, list, object, ref, text, textMap, type Schema } from "./dsl.ts";

const header = { apiVersion: text, kind: text, metadata: ref("ObjectMeta") };
const reference = object({
  name: text,
  namespace: text,
  kind: text,
  apiVersion: text,
  uid: text,
  resourceVersion: text,
  fieldPath: text,
});

/** The objects of a cluster that runs refer to. */
export const objectSchemas: Readonly<Record<string, Schema>> = {
  Secret: object({ ...header, type: text, data: textMap, stringData: textMap, immutable: boolean }),
  ConfigMap: object({ ...header, data: textMap, binaryData: textMap, immutable: boolean }),
  ServiceAccount: object({
    ...header,
    secrets: list(reference),
    imagePullSecrets: list(object({ name: text })),
    automountServiceAccountToken: boolean,
  }),
  Namespace: object({ ...header, spec: anything, status: anything }),
};
