import { expect, test } from "vitest";
import fc from "fast-check";
import { PersistentMap } from "./persistent-map.ts";

test("says what a Map says, in the same order, and earlier versions stay as they were", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ maxLength: 2 }), fc.nat())), (changes) => {
      const native = new Map<string, number>();
      let map = new PersistentMap<string, number>();
      const versions: [PersistentMap<string, number>, (readonly [string, number])[]][] = [];
      for (const [key, value] of changes) {
        native.set(key, value);
        map = map.with(key, value);
        versions.push([map, [...native]]);
      }
      for (const [version, expected] of versions) {
        expect([...version]).toEqual(expected);
        expect(expected.map(([key]) => version.get(key))).toEqual(expected.map(([, value]) => value));
        expect(version.size).toBe(expected.length);
      }
    }),
  );
});

test("thousands of keys, and keys whose hashes collide", () => {
  // Two texts of one FNV-1a hash.
  const keys = ["costarring", "liquid", ...Array.from({ length: 5000 }, (_, index) => `run-task-${index}`)];
  const map = keys.reduce((before, key) => before.with(key, key.length), new PersistentMap<string, number>());
  expect([...map.keys()]).toEqual(keys);
  expect(keys.every((key) => map.get(key) === key.length)).toBe(true);
  expect(map.has("other")).toBe(false);
});
