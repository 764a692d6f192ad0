import {
  anything,
  boolean,
  duration,
  integer,
  list,
  object,
  ref,
  text,
  textMap,
  texts,
  type Schema,
  type Version,
} from "./dsl.ts";

/** What both versions write alike (pipeline_types.go, workspace_types.go). */
export const sharedPipelineSchemas: Readonly<Record<string, Schema>> = {
  PipelineTaskMetadata: object({ labels: textMap, annotations: textMap }),
  PipelineWorkspaceDeclaration: object({ "name!": text, description: text, optional: boolean }),
  PipelineResult: object({ "name!": text, type: text, description: text, "value!": anything }),
  Matrix: object({
    params: list(ref("Param")),
    include: list(object({ name: text, params: list(ref("Param")) })),
  }),
  WorkspacePipelineTaskBinding: object({ "name!": text, workspace: text, subPath: text }),
  WorkspaceBinding: object({
    "name!": text,
    subPath: text,
    emptyDir: ref("EmptyDirVolumeSource"),
    persistentVolumeClaim: ref("PersistentVolumeClaimVolumeSource"),
    volumeClaimTemplate: ref("PersistentVolumeClaim"),
    configMap: ref("ConfigMapVolumeSource"),
    secret: ref("SecretVolumeSource"),
    projected: ref("ProjectedVolumeSource"),
    csi: ref("CSIVolumeSource"),
  }),
};

export function pipelineSchemas(version: Version): Readonly<Record<string, Schema>> {
  const resources = version === "v1beta1" ? { resources: anything } : {};
  return {
    PipelineRef: object({
      name: text,
      apiVersion: text,
      resolver: text,
      params: list(ref("Param")),
      ...(version === "v1beta1" && { bundle: text }),
    }),
    PipelineTask: object({
      name: text,
      displayName: text,
      description: text,
      taskRef: ref(`${version}/TaskRef`),
      taskSpec: ref(`${version}/EmbeddedTask`),
      pipelineRef: ref(`${version}/PipelineRef`),
      pipelineSpec: ref(`${version}/PipelineSpec`),
      when: list(ref("WhenExpression")),
      retries: integer,
      runAfter: texts,
      params: list(ref("Param")),
      matrix: ref("Matrix"),
      workspaces: list(ref("WorkspacePipelineTaskBinding")),
      timeout: duration,
      onError: text,
      ...resources,
    }),
    PipelineSpec: object({
      displayName: text,
      description: text,
      params: list(ref("ParamSpec")),
      workspaces: list(ref("PipelineWorkspaceDeclaration")),
      tasks: list(ref(`${version}/PipelineTask`)),
      finally: list(ref(`${version}/PipelineTask`)),
      results: list(ref("PipelineResult")),
      ...resources,
    }),
    Pipeline: object({
      apiVersion: text,
      kind: text,
      metadata: ref("ObjectMeta"),
      spec: ref(`${version}/PipelineSpec`),
    }),
  };
}
