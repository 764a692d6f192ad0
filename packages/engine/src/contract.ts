import { containerPromises } from "./contract/containers.ts";
import { identityPromises } from "./contract/identity.ts";
import { interruptionPromises } from "./contract/interruption.ts";
import { networkPromises } from "./contract/network.ts";
import { podPromises } from "./contract/pods.ts";
import { processPromises } from "./contract/process.ts";
import { questionPromises } from "./contract/questions.ts";
import { type ContractPromise } from "./contract/setting.ts";
import { volumeFilePromises } from "./contract/volume-files.ts";
import { volumePartPromises } from "./contract/volume-parts.ts";
import { volumePromises } from "./contract/volumes.ts";

export { type Capability, type ContractContext, type ContractPromise } from "./contract/setting.ts";

/** What every engine promises: a name and a check each, for any test runner. */
export const promises: readonly ContractPromise[] = [
  ...containerPromises,
  ...podPromises,
  ...processPromises,
  ...networkPromises,
  ...identityPromises,
  ...questionPromises,
  ...volumePromises,
  ...volumePartPromises,
  ...volumeFilePromises,
  ...interruptionPromises,
];
