export { type EventSink, type LogSink, type ProgressSink } from "./ports.ts";
