export { dockerLogins, type DockerConfigOptions, type DockerLogins } from "./docker-config.ts";
export { DockerEngine } from "./engine.ts";
export {
  findEngines,
  openEngine,
  type EngineChoice,
  type EngineFinding,
  type FindOptions,
  type OpenOptions,
} from "./find-engine.ts";
export { type KeptVolume, type KeptVolumes } from "./kept-volumes.ts";
export { type EngineVersion } from "./ping.ts";
export { type PlacementChoice } from "./placement.ts";
export { type Environment } from "./ways.ts";
