import { type Diagnostic } from "@lapcat/diagnostic";
import { type PullProgress } from "@lapcat/engine";
import { type EventSink, type LogSink, type ProgressSink } from "@lapcat/executor";
import {
  extendTimeline,
  linesOfEvent,
  logPrefix,
  prefixedLines,
  type PrefixedLines,
  type Timeline,
  timelineOf,
} from "@lapcat/report";
import { type Recorded } from "@lapcat/run";
import { type RunWriter } from "@lapcat/store";
import { leanMemory } from "./lean-memory.ts";
import { type Output } from "./output.ts";
import { type World } from "./world.ts";

/** What an executor tells, kept in the store and shown to the user at once. */
export interface Story {
  readonly events: EventSink;
  readonly logs: LogSink;
  readonly progress: ProgressSink;
  timeline(): Timeline;
}

/** Bytes of output from which memory counts more than time. */
const much = 1024 * 1024;

/**
 * `shown` is where the steps' output and the tasks' lines go; nowhere without it. Warnings and pulls go to standard error; those that
 * were `told` before the run, with their places, are not told again.
 */
export function storyOf(
  world: World,
  writer: RunWriter,
  shown: Output | undefined,
  told: readonly Diagnostic[],
  before: readonly Recorded[] = [],
): Story {
  const known = new Set(told.map(({ message }) => message));
  let timeline = timelineOf(before);
  const pulls = pullLines(world.err);
  let printed = 0;
  const count = (bytes: number): void => {
    if (printed < much && printed + bytes >= much) leanMemory();
    printed += bytes;
  };
  return {
    timeline: () => timeline,
    progress: { pulling: (progress) => pulls.pulling(progress) },
    events: {
      append(event, at) {
        const recorded = writer.append(event, at);
        timeline = extendTimeline(timeline, recorded);
        if (event.type === "run.started" || event.type === "run.resumed") world.err.status(undefined);
        // Errors end the command, which tells them itself.
        if (event.type === "warning.noticed" && (event.severity === "error" || known.has(event.message)))
          return recorded;
        if (event.type === "image.pulled" && !pulls.announces(event.image)) return recorded;
        const isAside = event.type === "image.pulled" || event.type === "warning.noticed";
        const to = isAside ? world.err : shown;
        to?.print(...linesOfEvent(to.style, timeline, recorded, writer.id));
        return recorded;
      },
    },
    logs: {
      openLog(key) {
        const kept = writer.openLog(key);
        const shownLines = shown === undefined ? undefined : linesTo(shown, () => prefixOf(shown, timeline, key));
        return {
          async write(stream, bytes, at) {
            count(bytes.length);
            await Promise.all([kept.write(stream, bytes, at), shownLines?.write(stream, bytes)]);
          },
          async end() {
            await Promise.all([kept.end(), shownLines?.end()]);
          },
        };
      },
    },
  };
}

function prefixOf(
  to: Output,
  timeline: Timeline,
  { taskRun, container }: { readonly taskRun: string; readonly container: string },
): Uint8Array {
  const task = timeline.attempts.find((attempt) => attempt.taskRun === taskRun)?.task ?? taskRun;
  return Buffer.from(logPrefix(to.style, timeline.kind, task, container.replace(/^(?:step|sidecar)-/u, "")));
}

interface ShownLines {
  write(stream: "stdout" | "stderr", bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}

/** Whole lines only, so that containers that print side by side do not mix; a slow reader holds the container back. */
function linesTo(to: Output, prefix: () => Uint8Array): ShownLines {
  const streams = new Map<string, PrefixedLines>();
  const put = async (bytes: Uint8Array | undefined): Promise<void> => {
    if (bytes !== undefined) await to.write(bytes);
  };
  return {
    write(stream, bytes) {
      let lines = streams.get(stream);
      if (lines === undefined) {
        lines = prefixedLines(prefix());
        streams.set(stream, lines);
      }
      return put(lines.push(bytes));
    },
    async end() {
      for (const lines of streams.values()) await put(lines.end());
    },
  };
}

/** A line that is rewritten on a terminal; elsewhere one line an image, when its pull begins. */
function pullLines(err: Output): { pulling(progress: PullProgress): void; announces(image: string): boolean } {
  const current = new Map<string, PullProgress>();
  return {
    pulling(progress) {
      const { image } = progress;
      if (!err.isTerminal && !current.has(image)) err.print(`pulling ${image}`);
      current.set(image, progress);
      if (err.isTerminal) err.status([...current.values()].map(progressText).join("   "));
    },
    announces(image) {
      current.delete(image);
      return err.isTerminal;
    },
  };
}

function progressText({ image, current, total }: PullProgress): string {
  const name = image.split("/").at(-1) ?? image;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  return current === undefined || total === undefined
    ? `pulling ${name}`
    : `pulling ${name} ${megabytes(current)} of ${megabytes(total)} MB`;
}
