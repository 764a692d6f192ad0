import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { LapcatError } from "@lapcat/diagnostic";
import { type Recorded, type RunEvent, whereabouts } from "@lapcat/run";
import { decodeEvents } from "./event-line.ts";
import { errnoOf, fileError } from "./file-error.ts";
import { logFileName, logKeyOf } from "./log-file-name.ts";
import { readLogLines } from "./log-reader.ts";
import { livingOwner } from "./ownership.ts";
import { type LogKey, type RunReader } from "./run-record.ts";
import { readFrom, tail } from "./tail.ts";

export function runReader(id: string, directory: string, manifest: string): RunReader {
  const path = join(directory, "events.ndjson");
  const logPath = (key: LogKey): string => join(directory, "logs", logFileName(key));

  const events = async (): Promise<readonly Recorded[]> => decodeEvents(await readText(path), 0, path);

  const hasWriter = async (): Promise<boolean> => (await livingOwner(directory))?.sweeps === false;

  const reader: RunReader = {
    id,
    directory,
    manifest,
    events,
    async *follow(signal) {
      let text = "";
      let seq = 0;
      const decoder = new TextDecoder();
      for await (const bytes of tail(path, signal, async () => !(await hasWriter()))) {
        text += decoder.decode(bytes, { stream: true });
        const end = text.lastIndexOf("\n") + 1;
        for (const recorded of decodeEvents(text.slice(0, end), seq, path)) {
          seq += 1;
          yield recorded;
          if (recorded.event.type === "run.finished") return;
        }
        text = text.slice(end);
      }
    },
    async logKeys() {
      try {
        const names = await readdir(join(directory, "logs"));
        return names.sort().flatMap((name) => logKeyOf(name) ?? []);
      } catch (cause) {
        throw fileError(directory, cause);
      }
    },
    readLog: (key) => readLogLines(readFrom(logPath(key), 0)),
    async *followLog(key, signal) {
      const isComplete = async (): Promise<boolean> =>
        (await events()).some(({ event }) => endsLog(event, key)) || !(await hasWriter());
      yield* readLogLines(tail(logPath(key), signal, isComplete));
    },
    async state() {
      // In this order: a writer that ends between the two questions has written its last event before.
      const running = await hasWriter();
      try {
        const last = (await events()).at(-1);
        if (last?.event.type === "run.finished") return "finished";
        return running ? "running" : "interrupted";
      } catch (error) {
        if (!(error instanceof LapcatError) || error.diagnostic.code !== "store.damaged") throw error;
        return running ? "running" : "damaged";
      }
    },
  };
  return reader;
}

/** The executor ends a container's log before it records that the container ended. */
function endsLog(told: RunEvent, key: LogKey): boolean {
  if (told.type === "run.finished") return true;
  const { event } = whereabouts(told);
  const ofAttempt = "attempt" in event && event.taskRun === key.taskRun && event.attempt === key.attempt;
  if (!ofAttempt) return false;
  if (event.type === "step.finished" || event.type === "sidecar.finished") return event.container === key.container;
  return event.type === "pod.finished" || event.type === "pod.interrupted";
}

/** Empty when there is no such file. */
async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return "";
    throw fileError(path, cause);
  }
}
