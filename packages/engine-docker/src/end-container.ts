import { type Container } from "dockerode";
import { type ExitStatus } from "@lapcat/engine";
import { isDeaf } from "./deaf.ts";
import { engineError, isConflict, isMissing } from "./errors.ts";

/** SIGTERM, where there is a grace and somebody to hear it; SIGKILL when that is over. Settles when the container has ended. */
export async function endContainer(
  container: Container,
  exit: Promise<ExitStatus>,
  graceMilliseconds: number,
): Promise<void> {
  if (graceMilliseconds > 0) {
    const deaf = await isDeaf(container);
    await signalTo(container, "SIGTERM");
    if (!deaf && (await within(exit, graceMilliseconds))) return;
  }
  await signalTo(container, "SIGKILL");
  await exit;
}

export async function removeContainer(container: Container | undefined): Promise<void> {
  try {
    await container?.remove({ force: true, v: true });
  } catch (cause) {
    if (!isMissing(cause) && !isConflict(cause)) throw engineError(cause, "remove a container");
  }
}

async function signalTo(container: Container, signal: string): Promise<void> {
  try {
    await container.kill({ signal });
  } catch (cause) {
    if (!isMissing(cause) && !isConflict(cause)) throw engineError(cause, "stop a container");
  }
}

async function within(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
