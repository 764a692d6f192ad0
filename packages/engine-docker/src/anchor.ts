import { type default as Docker } from "dockerode";
import { engineError, isMissing } from "./errors.ts";
import { pack, rootOwner } from "./archive.ts";
import { anchorLabel } from "./labels.ts";
import { finished } from "./progress.ts";

/** The image of the container that does nothing: it holds a pod's network and IPC namespaces, and its volumes in reach of archives. */
export const anchorReference = "lapcat.dev/anchor:1";

/** Told with each container: not every engine keeps it with an imported image. */
export const anchorProcess: readonly string[] = ["/pause"];

export interface AnchorImage {
  /** The image's name, once it is in the engine. */
  ready(): Promise<string>;
}

/** `for (;;) pause();` and its equivalent where there is no pause(2): ppoll without descriptors. */
const machines: Readonly<Record<string, { readonly machine: number; readonly code: string }>> = {
  amd64: { machine: 62, code: "6a22580f05ebf9" },
  arm64: { machine: 183, code: "000080d2010080d2020080d2030080d2280980d2010000d4faffff17" },
};

/** A whole ELF executable: header, one loadable segment, code. */
export function pauseProgram(architecture: string): Buffer {
  const found = machines[architecture];
  if (found === undefined) throw new Error(`no anchor program for ${architecture}`);
  const code = Buffer.from(found.code, "hex");
  const start = 0x40_0000;
  const headers = 64 + 56;
  const size = headers + code.length;
  const elf = Buffer.alloc(headers);
  elf.write("7f454c46020101", 0, "hex");
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(found.machine, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(start + headers), 24);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64);
  elf.writeUInt32LE(5, 68);
  elf.writeBigUInt64LE(BigInt(start), 80);
  elf.writeBigUInt64LE(BigInt(start), 88);
  elf.writeBigUInt64LE(BigInt(size), 96);
  elf.writeBigUInt64LE(BigInt(size), 104);
  elf.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([elf, code]);
}

export function anchorImage(docker: Docker, architecture: () => Promise<string>): AnchorImage {
  let made: Promise<string> | undefined;
  const make = async (): Promise<string> => {
    if (await exists(docker)) return anchorReference;
    const program = pauseProgram(await architecture());
    const archive = await pack([{ path: "pause", kind: "file", mode: 0o755, content: program, ...rootOwner }]);
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
  try {
    await docker.getImage(anchorReference).remove();
    return true;
  } catch (cause) {
    if (isMissing(cause)) return false;
    throw engineError(cause, `remove ${anchorReference}`);
  }
}
