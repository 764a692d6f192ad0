export { DockerEngine } from "./engine.ts";
export {
  findEngines,
  openEngine,
  type EngineChoice,
  type EngineFinding,
  type FindOptions,
  type OpenOptions,
} from "./find-engine.ts";
export { fullName, parseImageName, repositoryOf, type ImageName } from "./image-name.ts";
export { type EngineVersion } from "./ping.ts";
export { type PlacementChoice } from "./placement.ts";
export { type Environment } from "./ways.ts";
