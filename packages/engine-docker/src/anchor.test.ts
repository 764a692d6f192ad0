import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pauseProgram } from "./anchor.ts";
import { socketAddress } from "./relay.ts";
import { relayProgram } from "./relay-program.ts";

test("the anchor's program is 127 bytes of ELF that pause(2) for ever", () => {
  expect(pauseProgram("amd64").toString("base64")).toBe(
    "f0VMRgIBAQAAAAAAAAAAAAIAPgABAAAAeABAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAEAAOAABAAAAAAAAAAEAAAAFAAAAAAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAfwAAAAAAAAB/AAAAAAAAAAAQAAAAAAAAaiJYDwXr+Q==",
  );
});

test("there is one for arm64 too, which asks ppoll(2)", () => {
  const program = pauseProgram("arm64");
  expect([program.readUInt16LE(18), program.length]).toEqual([183, 148]);
  // mov x8, #73; svc #0; b back to the first instruction
  expect(program.subarray(-12).toString("hex")).toBe("280980d2010000d4faffff17");
});

test.for(["amd64", "arm64"] as const)(
  "the relay for %s is one ELF segment with all its instructions",
  (architecture) => {
    const program = relayProgram(architecture);
    expect(program.readBigUInt64LE(96)).toBe(BigInt(program.length));
    // exit(2), the last of them.
    expect(program.toString("hex").endsWith(architecture === "amd64" ? "6a3c580f05" : "a80b80d2010000d4")).toBe(true);
  },
);

const isHere = process.platform === "linux" && process.arch === "x64";

test.runIf(isHere)("the relay carries bytes both ways, and tells why it could not connect", async () => {
  const server = createServer((socket) => socket.on("data", (bytes) => socket.end(`<${String(bytes)}>`)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const directory = mkdtempSync(join(tmpdir(), "lapcat-relay-"));
  const path = join(directory, "relay");
  writeFileSync(path, relayProgram("amd64"), { mode: 0o755 });
  try {
    const relay = spawn(path);
    relay.stdin.write(socketAddress("127.0.0.1", port));
    const [acknowledged] = (await once(relay.stdout, "data")) as [Buffer];
    relay.stdin.write("hello");
    const [answer] = (await once(relay.stdout, "data")) as [Buffer];
    expect([acknowledged.length, String(answer)]).toEqual([1, "<hello>"]);
    expect(await once(relay, "exit")).toEqual([0, null]);
    server.close();
    await once(server, "close");
    const refused = spawn(path);
    refused.stdin.write(socketAddress("127.0.0.1", port));
    expect(await once(refused, "exit")).toEqual([111, null]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("an address of either family is 28 bytes", () => {
  expect(socketAddress("10.1.2.3", 80).toString("hex")).toBe(`020000500a010203${"00".repeat(20)}`);
  expect(socketAddress("fe80::1:2", 8080).toString("hex")).toBe(
    `0a001f9000000000fe8000000000000000000000000100${"02"}00000000`,
  );
});
