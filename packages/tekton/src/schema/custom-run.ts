import { anything, duration, integer, list, object, ref, text, type Schema } from "./dsl.ts";

const header = { apiVersion: text, kind: text, metadata: ref("ObjectMeta") };

/** The kinds beside Tasks and Pipelines that Tekton serves in one version only (customrun_types.go, verificationpolicy_types.go). */
export const customRunSchema: Schema = object({
  ...header,
  spec: object({
    customRef: ref("v1beta1/TaskRef"),
    customSpec: object({ apiVersion: text, kind: text, metadata: ref("PipelineTaskMetadata"), spec: anything }),
    params: list(ref("Param")),
    status: text,
    statusMessage: text,
    retries: integer,
    serviceAccountName: text,
    timeout: duration,
    workspaces: list(ref("WorkspaceBinding")),
  }),
  status: anything,
});

export const verificationPolicySchema: Schema = object({
  ...header,
  spec: object({
    resources: list(object({ pattern: text })),
    authorities: list(
      object({
        name: text,
        key: object({ secretRef: object({ name: text, namespace: text }), data: text, kms: text, hashAlgorithm: text }),
      }),
    ),
    mode: text,
  }),
});
