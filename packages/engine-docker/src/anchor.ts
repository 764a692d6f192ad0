import { type default as Docker } from "dockerode";
import { engineError, isMissing } from "./errors.ts";
import { pack, rootOwner } from "./archive.ts";
import { anchorLabel } from "./labels.ts";
import { type Architecture, assembled, isArchitecture } from "./machine-program.ts";
import { finished } from "./progress.ts";
import { relayProgram } from "./relay-program.ts";

/** The image of the container that does nothing: it holds a pod's network and IPC namespaces, and its volumes in reach of archives. */
export const anchorReference = "lapcat.dev/anchor:2";

/** What it was called when it had no relay: pruned with it. */
const formerReferences: readonly string[] = ["lapcat.dev/anchor:1"];

/** Told with each container: not every engine keeps it with an imported image. */
export const anchorProcess: readonly string[] = ["/pause"];

/** Run in a pod's anchor, it reaches the pod's ports for us. */
export const relayProcess: readonly string[] = ["/relay"];

export interface AnchorImage {
  /** The image's name, once it is in the engine. */
  ready(): Promise<string>;
}

/** `for (;;) pause();` and its equivalent where there is no pause(2): ppoll without descriptors. */
const pause: Readonly<Record<Architecture, string>> = {
  amd64: `
    6a22  push 34
    58    pop rax
    0f05  syscall
    ebf9  jmp to the first`,
  arm64: `
    000080d2  mov x0, #0
    010080d2  mov x1, #0
    020080d2  mov x2, #0
    030080d2  mov x3, #0
    280980d2  mov x8, #73
    010000d4  svc #0
    faffff17  b to the first`,
};

export function pauseProgram(architecture: Architecture): Buffer {
  return assembled(architecture, pause[architecture]);
}

export function anchorImage(docker: Docker, architecture: () => Promise<string>): AnchorImage {
  let made: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    if (await exists(docker)) return anchorReference;
    const machine = await architecture();
    if (!isArchitecture(machine)) throw new Error(`no anchor program for ${machine}`);
    const program = { kind: "file", mode: 0o755, ...rootOwner } as const;
    const archive = await pack([
      { ...program, path: "pause", content: pauseProgram(machine) },
      { ...program, path: "relay", content: relayProgram(machine) },
    ]);
    const [repo = "", tag = ""] = anchorReference.split(":");
    try {
      const changes = ['ENTRYPOINT ["/pause"]', `LABEL ${anchorLabel}=1`];
      const output = await docker.importImage(archive as unknown as NodeJS.ReadableStream, { repo, tag, changes });
      await finished(output);
      // Podman 4 imports under `latest`, whatever tag it is told.
      if (!(await exists(docker))) await docker.getImage(`${repo}:latest`).tag({ repo, tag });
    } catch (cause) {
      throw engineError(cause, `import ${anchorReference}`);
    }
    return anchorReference;
  };
  return {
    ready() {
      made ??= make().catch((cause: unknown) => {
        made = undefined;
        throw cause;
      });
      return made;
    },
  };
}

async function exists(docker: Docker): Promise<boolean> {
  try {
    await docker.getImage(anchorReference).inspect();
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw engineError(cause, `look for ${anchorReference}`);
  }
}

/** For pruning; false when there was none. In use, it stays. */
export async function removeAnchorImage(docker: Docker): Promise<boolean> {
  const removed = await Promise.all(
    [anchorReference, ...formerReferences].map((reference) => remove(docker, reference)),
  );
  return removed.includes(true);
}

async function remove(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).remove();
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw engineError(cause, `remove ${reference}`);
  }
}
