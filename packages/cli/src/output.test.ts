import { expect, test } from "vitest";
import { harmless, output, type Stream, wantsColour } from "./output.ts";

test.for<[Readonly<Record<string, string>>, boolean, boolean]>([
  [{}, true, true],
  [{}, false, false],
  [{ TERM: "dumb" }, true, false],
  [{ NO_COLOR: "1" }, true, false],
  [{ NO_COLOR: "" }, true, true],
  [{ FORCE_COLOR: "1" }, false, true],
  [{ FORCE_COLOR: "" }, false, true],
  [{ FORCE_COLOR: "0" }, true, false],
  [{ FORCE_COLOR: "1", NO_COLOR: "1" }, false, true],
])("%o, a terminal: %s; colour: %s", ([env, isTerminal, colour]) => {
  expect(wantsColour(env, isTerminal)).toBe(colour);
});

/** A stream that is full after each write, until it is drained. */
function slowStream(isTTY = false): {
  readonly stream: Stream;
  readonly written: string[];
  readonly drain: () => void;
  readonly fail: (code: string) => void;
} {
  const written: string[] = [];
  const drains: (() => void)[] = [];
  let onError: (error: NodeJS.ErrnoException) => void = () => undefined;
  const stream: Stream = {
    isTTY,
    columns: 20,
    write(bytes, done) {
      written.push(typeof bytes === "string" ? bytes : Buffer.from(bytes).toString());
      done?.();
      return false;
    },
    on: (_, listener) => (onError = listener),
    once: (_, listener) => drains.push(listener),
  };
  return {
    stream,
    written,
    drain: () => drains.splice(0).forEach((each) => each()),
    fail: (code) => onError(Object.assign(new Error(code), { code })),
  };
}

async function isDone(work: Promise<void>): Promise<boolean> {
  let done = false;
  void work.then(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test("whoever writes waits until the reader has caught up, and all wait for one drain", async () => {
  const { stream, drain } = slowStream();
  const out = output(stream, {});
  const writes = [out.write("a"), out.write("b")];
  expect(await Promise.all(writes.map(isDone))).toEqual([false, false]);
  drain();
  expect(await Promise.all(writes.map(isDone))).toEqual([true, true]);
});

test("when the reader is gone, who waits goes on, and what comes is dropped", async () => {
  const { stream, written, fail } = slowStream();
  const out = output(stream, {});
  const waiting = out.write("a");
  fail("EPIPE");
  expect(await isDone(waiting)).toBe(true);
  await out.write("b");
  await out.flush();
  expect(written).toEqual(["a"]);
  expect(out.closed.aborted).toBe(true);
});

test("any other failure of the stream is not hidden", () => {
  const { stream, fail } = slowStream();
  output(stream, {});
  expect(() => fail("ENOSPC")).toThrow("ENOSPC");
});

test("a status line is replaced by the next, cut to the terminal, and gone before anything else is written", () => {
  const err = slowStream(true);
  const out = slowStream(true);
  const told = output(err.stream, {});
  const shown = output(out.stream, {}, told);
  told.status("pulling one");
  told.status("pulling something long");
  told.print("a line");
  told.status("pulling two");
  shown.print("a result");
  expect(err.written.join("|")).toBe(
    "\r\u001b[2Kpulling one|\r\u001b[2Kpulling something …|\r\u001b[2K|a line\n|\r\u001b[2Kpulling two|\r\u001b[2K",
  );
  expect(out.written).toEqual(["a result\n"]);
});

test("where there is no terminal, or a dumb one, there is no status line", () => {
  for (const [isTTY, env] of [
    [false, {}],
    [true, { TERM: "dumb" }],
  ] as const) {
    const { stream, written } = slowStream(isTTY);
    output(stream, env).status("pulling");
    expect(written).toEqual([]);
  }
});

test.for([
  ["a title is set", "a\u001b]0;owned\u0007b", "a\\u001b]0;owned\\u0007b"],
  ["the screen is wiped", "\u001b[2J\u001b[H", "\\u001b[2J\\u001b[H"],
  ["a C1 code does the same", "\u009b2J", "\\u009b2J"],
  ["a line is written over", "failed\rpassed", "failed\\u000dpassed"],
  ["letters are taken back", "bad\b\b\bgood", "bad\\u0008\\u0008\\u0008good"],
  ["writing runs the other way", "\u202egpj.exe", "\\u202egpj.exe"],
  ["a clipboard is filled", "\u001b]52;c;cm0gLXJm\u001b\\", "\\u001b]52;c;cm0gLXJm\\u001b\\"],
  ["a colour is ours", "\u001b[31mred\u001b[0m", "\u001b[31mred\u001b[0m"],
  ["tabs and line breaks stay", "a\tb\r\nc", "a\tb\nc"],
] as const)("what others put into our lines is shown, not done: %s", ([, line, expected]) => {
  expect(harmless(line, true)).toBe(expected);
  // eslint-disable-next-line no-control-regex -- none may be left
  expect(harmless(line, false)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/u);
});
