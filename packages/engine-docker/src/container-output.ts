import { LapcatError } from "@lapcat/diagnostic";
import { type ContainerName, type LogChunk } from "@lapcat/engine";
import { demux } from "./demux.ts";
import { type Member, type OpenedPod } from "./member.ts";
import { tellsOfLoss } from "./podman-attach.ts";

/** What a container says, to its end; read once. Rejects where a part of it is lost. */
export async function* outputOf(
  { host, spec: { name: pod } }: OpenedPod,
  member: Member,
): AsyncGenerator<LogChunk, void, undefined> {
  const { name } = member.spec;
  if (member.started === undefined) throw new Error(`container ${name} was not started`);
  if (member.logsTaken) throw new Error(`the output of ${name} is read already`);
  member.logsTaken = true;
  await member.started;
  const { output } = member;
  if (output === undefined) return;
  let last: LogChunk | undefined;
  try {
    for await (last of demux(output)) yield last;
  } catch (cause) {
    // Cut off by us.
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_STREAM_PREMATURE_CLOSE") return;
    // By the engine's end: `wait` tells. Where the container came to its own, what it said is lost, and only that.
    await member.exit;
    throw outputLost(name, pod, cause);
  }
  if (host.product === "podman" && last?.stream === "stderr" && tellsOfLoss(last.bytes)) throw outputLost(name, pod);
}

/** Nobody knows what was in it: it may have been a result. */
function outputLost(container: ContainerName, pod: string, cause?: unknown): LapcatError {
  return new LapcatError(
    {
      code: "engine.lost",
      message: `the container engine lost output of ${container} of ${pod}`,
      hint: "`lapcat resume` goes on with the run: what was interrupted is done again",
    },
    cause,
  );
}
