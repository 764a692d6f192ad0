export { githubAnnotations, githubRunAnnotations } from "./annotations.ts";
export { describeLines } from "./describe.ts";
export { isNamed, toldFact } from "./in-child.ts";
export { junitReport } from "./junit.ts";
export { planLines, planMermaid, type ImagesByTask } from "./plan-text.ts";
export { prefixedLines, type PrefixedLines } from "./prefixed-lines.ts";
export { linesOfEvent, logPrefix } from "./run-lines.ts";
export { sarifLog } from "./sarif.ts";
export { runTable, type RunRow } from "./run-table.ts";
export { durationText, paint, type Hue, type Style } from "./style.ts";
export { summaryLines, valueText } from "./summary.ts";
export {
  emptyTimeline,
  extendTimeline,
  timelineOf,
  type AttemptLine,
  type StepLine,
  type Timeline,
} from "./timeline.ts";
export { volumeTable, type VolumeRow } from "./volume-table.ts";
