export { claimUses, type ClaimUse, type ClaimUses } from "./claim-uses.ts";
export { type LogKey, type LogLine, type LogWriter, type RunReader, type RunWriter } from "./run-record.ts";
export { openStore, storeRoot, type Store, type UnsweptRun } from "./store.ts";
