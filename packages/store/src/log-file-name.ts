import { type LogKey } from "./run-record.ts";

const form = /^(?<taskRun>.+)\.(?<attempt>\d+)\.(?<container>[^.]+)\.log$/u;

/** `<taskRun>.<attempt>.<container>.log`; characters that have a meaning in paths are percent-encoded. */
export function logFileName(key: LogKey): string {
  return `${encodeURIComponent(key.taskRun)}.${key.attempt}.${encodeURIComponent(key.container).replaceAll(".", "%2E")}.log`;
}

/** Undefined when the name is none of ours. */
export function logKeyOf(fileName: string): LogKey | undefined {
  const groups = form.exec(fileName)?.groups;
  if (groups === undefined) return undefined;
  try {
    return {
      taskRun: decodeURIComponent(groups["taskRun"] ?? ""),
      attempt: Number(groups["attempt"]),
      container: decodeURIComponent(groups["container"] ?? ""),
    };
  } catch {
    // A stray per cent sign: somebody else's file.
    return undefined;
  }
}
