/** The machines that we have programs for. */
export type Architecture = "amd64" | "arm64";

const machines: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

export function isArchitecture(text: string): text is Architecture {
  return Object.hasOwn(machines, text);
}

/** A whole ELF executable: header, one loadable segment, code. The listing has one instruction a line, its bytes first. */
export function assembled(architecture: Architecture, listing: string): Buffer {
  const bytes = listing.split("\n").map((line) => /^ *((?:[0-9a-f]{2})+)(?: |$)/u.exec(line)?.[1] ?? "");
  const code = Buffer.from(bytes.join(""), "hex");
  const start = 0x40_0000;
  const headers = 64 + 56;
  const size = headers + code.length;
  const elf = Buffer.alloc(headers);
  elf.write("7f454c46020101", 0, "hex");
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(machines[architecture], 18);
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
