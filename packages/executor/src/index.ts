export { type CustomProcess, type CustomRuns } from "./custom-runs.ts";
export { execute, type ExecuteInput } from "./execute.ts";
export { imagesOf, type NeededImage } from "./images-of.ts";
export { type EventSink, type LogSink, type ProgressSink } from "./ports.ts";
