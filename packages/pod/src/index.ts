export { registryCredentialsOf } from "./creds-init.ts";
export { type CaFile } from "./certificate-authority.ts";
export { podFailure, type PodFailure } from "./pod-failure.ts";
export { podOf } from "./pod-of.ts";
export { type PodFlags, type PodOptions } from "./pod-options.ts";
export { secretsIn } from "./secret-texts.ts";
export { settleStep, type SettledStep } from "./late.ts";
export {
  type Hook,
  type PlacedFile,
  type PlannedProbe,
  type PlannedSidecar,
  type PlannedStep,
  type PodPlan,
  type ResultFile,
} from "./pod-plan.ts";
