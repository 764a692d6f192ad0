import { expect, test } from "vitest";
import { demux } from "./demux.ts";

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

async function* cut(whole: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
}

async function collect(whole: Buffer, size: number): Promise<{ all: string[]; chunks: number }> {
  const all: string[] = [];
  let chunks = 0;
  for await (const { stream, bytes } of demux(cut(whole, size))) {
    chunks++;
    const last = all.at(-1);
    const text = Buffer.from(bytes).toString();
    if (last?.startsWith(`${stream} `) === true) all[all.length - 1] = last + text;
    else all.push(`${stream} ${text}`);
  }
  return { all, chunks };
}

const whole = Buffer.concat([
  frame(1, "one\n"),
  frame(1, "two\n"),
  frame(2, "err\n"),
  frame(1, ""),
  frame(1, "three\n"),
]);

test.for([1, 3, 7, 8, 9, 13, 1000])("frames cut every %i bytes come out whole and in order", async (size) => {
  const { all } = await collect(whole, size);
  expect(all).toEqual(["stdout one\ntwo\n", "stderr err\n", "stdout three\n"]);
});

test("neighbours of one stream leave as one chunk", async () => {
  expect((await collect(whole, 1000)).chunks).toBe(3);
});

test("a stream that is not multiplexed is refused", async () => {
  await expect(collect(Buffer.from("plain text of a terminal"), 100)).rejects.toThrow("unknown frame type");
});
