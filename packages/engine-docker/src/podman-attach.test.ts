import { expect, test } from "vitest";
import { attachmentsTaken, tellsOfLoss } from "./podman-attach.ts";

const head = "Num       RefCount Protocol Flags    Type St Inode Path\n";
const listens = "0000000026548d16: 00000002 00000000 00010000 0005 01 8729075 /proc/self/fd/11/attach\n";
const taken = "000000007c504a0d: 00000003 00000000 00000000 0005 03 8746636 /proc/self/fd/11/attach\n";
const waits = "00000000026519bf: 00000003 00000000 00000000 0005 02     0 /proc/self/fd/11/attach\n";
const another = "00000000026519c0: 00000003 00000000 00000000 0001 02     0 /run/docker.sock\n";

test("a process is not started while its watcher has not taken the connection for its output", async () => {
  const tables = [waits + listens, listens + another + waits, listens + another + taken, waits];
  const asked: string[] = [];
  await attachmentsTaken(60_000, async () => {
    const next = head + tables[asked.length];
    asked.push(next);
    return next;
  });
  expect(asked).toHaveLength(3);
});

test("where sockets cannot be seen nothing is waited for, and nowhere for ever", async () => {
  await expect(attachmentsTaken(60_000, () => Promise.reject(new Error("ENOENT")))).resolves.toBeUndefined();
  await expect(attachmentsTaken(20, () => Promise.resolve(head + waits))).resolves.toBeUndefined();
});

test.for([
  ["Error: read unixpacket @->/proc/self/fd/11/attach: read: connection reset by peer\n", true],
  ["said before\nError: read unixpacket @->/run/x/attach: read: connection reset by peer\n", true],
  ["Error: read unixpacket @->/proc/self/fd/11/attach: read: connection reset by peer\nand more\n", false],
  ["Error: connection reset by peer\n", false],
  ["", false],
] as const)("what Podman says of output that is missing: %j is that: %s", ([text, isLoss]) => {
  expect(tellsOfLoss(Buffer.from(text))).toBe(isLoss);
});
