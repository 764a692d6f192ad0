export { type Clock } from "./clock.ts";
export {
  type Answer,
  type CancelSignal,
  type ContainerIdentity,
  type Engine,
  type EngineInfo,
  type ExitStatus,
  type FileContent,
  type ImageInfo,
  type LateProcess,
  type LogChunk,
  type Pod,
  type PullOptions,
  type PullProgress,
  type Question,
  type RegistryCredential,
  type SweepExtent,
  type SweepReport,
} from "./engine.ts";
export {
  asContainerName,
  asImageRef,
  asRunId,
  isRunId,
  asVolumeName,
  type ContainerName,
  type ContainerSpec,
  type DefaultEnvVar,
  type DnsSpec,
  type EnvVar,
  type FileSpec,
  type HostAlias,
  type ImageRef,
  type MountSpec,
  type PodSpec,
  type PullPolicy,
  type ResourceSpec,
  type RunId,
  type SecuritySpec,
  type VolumeName,
  type VolumeSpec,
} from "./pod-spec.ts";
export { processOf } from "./process.ts";
export { variablesOf } from "./variables.ts";
export { formatImageName, parseImageName, type ImageName } from "./image-name.ts";
export { mapImage, parseImageMapping, type ImageMapping } from "./image-map.ts";
