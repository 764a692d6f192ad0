import { type Container } from "dockerode";
import { type PodSpec } from "@lapcat/engine";
import { engineError, isMissing, leadsNowhere } from "./errors.ts";

/** Go's os.ModeSymlink and os.ModeDir, as the engine's path stat carries them. */
const goSymlink = 0x0800_0000;
const goDirectory = 0x8000_0000;

/** What the engine tells of a path in a container, running or not. Podman has followed every link by then. */
export interface PathStat {
  readonly mode: number;
  /** To the nanosecond. */
  readonly mtime: string;
  readonly linkTarget: string;
}

export function isLink({ mode }: PathStat): boolean {
  return (mode & goSymlink) !== 0;
}

export function isDirectory({ mode }: PathStat): boolean {
  return (mode & goDirectory) !== 0;
}

/** Undefined where nothing is. */
export async function statIn(container: Container, path: string, pod: PodSpec): Promise<PathStat | undefined> {
  try {
    const response = (await container.infoArchive({ path })) as {
      readonly headers?: Record<string, string | undefined>;
    };
    const header = response.headers?.["x-docker-container-path-stat"];
    return header === undefined ? undefined : (JSON.parse(Buffer.from(header, "base64").toString("utf8")) as PathStat);
  } catch (cause) {
    if (isMissing(cause) || leadsNowhere(cause)) return undefined;
    throw engineError(cause, `look at ${path} in a volume of ${pod.name}`);
  }
}
