import { containerPromises } from "./contract/containers.ts";
import { interruptionPromises } from "./contract/interruption.ts";
import { processPromises } from "./contract/process.ts";
import { questionPromises } from "./contract/questions.ts";
import { type ContractPromise } from "./contract/setting.ts";
import { volumePromises } from "./contract/volumes.ts";

export { type Capability, type ContractContext, type ContractPromise } from "./contract/setting.ts";

/** What every engine promises: a name and a check each, for any test runner. */
export const promises: readonly ContractPromise[] = [
  ...containerPromises,
  ...processPromises,
  ...questionPromises,
  ...volumePromises,
  ...interruptionPromises,
];
