export type * from "./custom-run.ts";
export type * from "./kubernetes.ts";
export type * from "./param.ts";
export type * from "./pipeline.ts";
export type * from "./resolved.ts";
export type * from "./resource.ts";
export type * from "./runs.ts";
export type * from "./status.ts";
export type * from "./task.ts";
export type * from "./verification-policy.ts";
export type * from "./when.ts";
export {
  artifactText,
  mergeArtifacts,
  noArtifacts,
  readArtifacts,
  type Artifact,
  type Artifacts,
  type ArtifactValue,
} from "./artifact.ts";
export { goJson } from "./go-json.ts";
export { pipelinesOf, tasksOf } from "./definitions.ts";
export { isArrayValue, typeOfValue } from "./param.ts";
export { decodeBase64 } from "./base64.ts";
export { internalPaths } from "./internal-paths.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export {
  childName,
  claimName,
  generateName,
  newUid,
  podName,
  sidecarContainerName,
  stepContainerName,
  stepPathName,
  taskRunName,
  workspaceVolumeName,
} from "./names.ts";
export { valueInText } from "./result-text.ts";
export { parseQuantity } from "./quantity.ts";
export * from "./reasons.ts";
export { adviseOn } from "./advise/advise-on.ts";
export { type Elsewhere } from "./advise/known-resources.ts";
export { convertManifest } from "./convert/convert-manifest.ts";
export { configDefaultsFrom, shippedDefaults, type ConfigDefaults } from "./config-defaults.ts";
export { paramSpecDefaults, pipelineSpecDefaults, setDefaults, taskSpecDefaults } from "./defaults.ts";
export {
  attemptResources,
  readResources,
  type IgnoredDocument,
  type ReadAttempt,
  type ReadResources,
} from "./read/read-resources.ts";
export { mergePodTemplate } from "./merge-pod-template.ts";
export { mergeResources, mergeStepTemplate } from "./merge-step-template.ts";
export { stepActionKey } from "./step-action-key.ts";
export { isUrlLike } from "./validate/formats.ts";
export { awaitedResults, type AwaitedResult, type PlacedText } from "./pipeline-task-texts.ts";
export { withCel, type CelOutcome, type EvaluateCel } from "./validate/cel.ts";
export { defaultGates, gatesFrom, gatesOfVersion, type ApiFields, type Gates } from "./validate/gates.ts";
export { editorKinds, editorSchema, type JsonSchema } from "./schema/editor-schema.ts";
export { runSchema } from "./schema/run-schema.ts";
export { countCombinations } from "./validate/matrix.ts";
export { findCircle } from "./validate/pipeline-graph.ts";
export { mountPathOf } from "./validate/task-workspaces.ts";
export { asRunnable } from "./validate/as-runnable.ts";
export { podRefusal } from "./validate/pod-refusal.ts";
export { settingFault, settingsOfMap, type SettingsMap } from "./validate/settings.ts";
export {
  isAfter,
  newestVersion,
  oldestVersion,
  readVersion,
  type ReadVersion,
  type TektonVersion,
  userError,
  versionText,
} from "./versions.ts";
export { versionChanges, type VersionChange, type VersionChangeName } from "./version-changes.ts";
export { validateResources } from "./validate/validate-resources.ts";
export { paramFlagName, parseParamFlag } from "./start/param-flag.ts";
export { applyRunFlags, runForPipeline, runForTask, type RunFlags } from "./start/run-for.ts";
export { parseWorkspaceFlag, type ReadFile } from "./start/workspace-flag.ts";
