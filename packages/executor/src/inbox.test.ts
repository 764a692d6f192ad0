import { expect, test } from "vitest";
import { inbox } from "./inbox.ts";

test("what was put in before is received first, then everything at once", () => {
  const box = inbox<number>();
  const received: number[] = [];
  box.put(1);
  box.receive((item) => received.push(item));
  box.put(2);
  expect(received).toEqual([1, 2]);
});

test("a change is told once, to who asks before it and to who asks after it", async () => {
  const box = inbox<number>();
  box.receive(() => undefined);
  const before = box.changed();
  box.put(1);
  await before;
  box.put(2);
  await box.changed();
  const outcome = await Promise.race([box.changed().then(() => "changed"), Promise.resolve("nothing")]);
  expect(outcome).toBe("nothing");
});

test("who went away does not take the change of the next", async () => {
  const box = inbox<number>();
  box.receive(() => undefined);
  void box.changed();
  const next = box.changed();
  box.put(1);
  await expect(next).resolves.toBeUndefined();
});

test("a receiver that fails breaks the inbox, not who puts in", async () => {
  const box = inbox<number>();
  box.receive(() => {
    throw new Error("disk full");
  });
  box.put(1);
  await expect(box.changed()).rejects.toThrow("disk full");
});
