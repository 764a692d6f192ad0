import { type Container } from "dockerode";
import { type Duplex } from "node:stream";
import { exitOf } from "./container-exit.ts";
import { engineError, lacksCapabilities, startErrorOf } from "./errors.ts";
import { type Host } from "./host.ts";
import { type Member, type OpenedPod, wantsCapabilities } from "./member.ts";
import { forgetMemoryMark } from "./memory-mark.ts";
import { attachmentsTaken } from "./podman-attach.ts";

/** Settles when its process runs, or is known not to be executable, which `exit` tells then. */
export async function startContainer(pod: OpenedPod, member: Member): Promise<void> {
  const { host, anchored } = pod;
  if (member.unstartable !== undefined || member.container === undefined) {
    notExecuted(member, member.unstartable ?? "it was not created");
    return;
  }
  await anchored;
  try {
    await attachAndStart(host, member, member.container);
  } catch (cause) {
    const startError = startErrorOf(cause);
    const refused = lacksCapabilities(cause) && wantsCapabilities(member.spec);
    if (refused && !(host.privilegedRefused && member.remade)) {
      host.privilegedRefused = true;
      await startRemade(pod, member);
    } else if (startError !== undefined) {
      notExecuted(member, startError);
    } else {
      throw engineError(cause, `start ${member.spec.name} of ${pod.spec.name}`);
    }
  }
}

async function startRemade(pod: OpenedPod, member: Member): Promise<void> {
  member.remade = true;
  await pod.recreate(member);
  try {
    if (member.container !== undefined) await attachAndStart(pod.host, member, member.container);
  } catch (cause) {
    const startError = startErrorOf(cause);
    if (startError === undefined) throw engineError(cause, `start ${member.spec.name} of ${pod.spec.name}`);
    notExecuted(member, startError);
  }
}

async function attachAndStart(host: Host, member: Member, container: Container): Promise<void> {
  const output = (await container.attach({ stream: true, stdout: true, stderr: true, hijack: true })) as Duplex;
  const outputEnded = new Promise<void>((resolve) => {
    output.once("end", resolve);
    output.once("close", resolve);
  });
  // A broken connection ends the output; what it means is for `wait` to find out.
  output.on("error", () => undefined);
  member.output = output;
  if (host.product === "podman") await attachmentsTaken();
  if (host.memoryMark !== undefined && member.spec.resources.memory !== undefined)
    forgetMemoryMark(host.memoryMark, Date.now() - 2000);
  try {
    await container.start();
  } catch (cause) {
    output.destroy();
    member.output = undefined;
    throw cause;
  }
  member.exit = exitOf(host, container, member.spec.resources, outputEnded);
  member.exit.then(
    () => (member.ended = true),
    () => undefined,
  );
}

function notExecuted(member: Member, startError: string): void {
  member.ended = true;
  member.exit = Promise.resolve({ exitCode: -1, oomKilled: false, startError });
}
