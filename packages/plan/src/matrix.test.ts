import { type Matrix } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { combinationsOf, hasEmptyParam, writtenLength } from "./matrix.ts";

const shown = (matrix: Matrix): readonly string[] =>
  combinationsOf(matrix).map((params) =>
    params.map(({ name, value }) => `${name}=${JSON.stringify(value).replaceAll('"', "")}`).join(" "),
  );
const os = { name: "os", value: ["linux", "mac"] };
const arch = { name: "arch", value: ["amd", "arm"] };
const include = (...entries: Record<string, string>[]): NonNullable<Matrix["include"]> =>
  entries.map((entry) => ({ params: Object.entries(entry).map(([name, value]) => ({ name, value })) }));

test.for<{ name: string; matrix: Matrix; expected: string[] }>([
  { name: "one param", matrix: { params: [os] }, expected: ["os=linux", "os=mac"] },
  {
    name: "two params, the first one fastest, named in alphabetical order",
    matrix: { params: [os, arch] },
    expected: ["arch=amd os=linux", "arch=amd os=mac", "arch=arm os=linux", "arch=arm os=mac"],
  },
  { name: "include alone", matrix: { include: include({ b: "1", a: "2" }, { c: "3" }) }, expected: ["a=2 b=1", "c=3"] },
  {
    name: "an include that matches a combination",
    matrix: { params: [os], include: include({ os: "mac", note: "x" }) },
    expected: ["os=linux", "note=x os=mac"],
  },
  {
    name: "an include that shares no param goes to all",
    matrix: { params: [os], include: include({ note: "x" }) },
    expected: ["note=x os=linux", "note=x os=mac"],
  },
  {
    name: "an include that matches none is one more",
    matrix: { params: [os], include: include({ os: "bsd" }) },
    expected: ["os=linux", "os=mac", "os=bsd"],
  },
  {
    name: "a second include cannot change what the first one added",
    matrix: { params: [os], include: include({ os: "mac", note: "x" }, { os: "mac", note: "y" }) },
    expected: ["os=linux", "note=x os=mac"],
  },
])("a matrix of $name", ({ matrix, expected }) => {
  expect(shown(matrix)).toEqual(expected);
});

test("a matrix knows an empty param", () => {
  expect(hasEmptyParam({ params: [os, { name: "none", value: [] }] })).toBe(true);
  expect(hasEmptyParam({ params: [os] })).toBe(false);
});

test.for<[string, Matrix, number]>([
  ["all combinations", { params: [os, arch] }, 4],
  [
    "a list that another task gives counts as one value",
    { params: [os, { name: "p", value: "$(tasks.a.results.r[*])" }] },
    2,
  ],
  ["an empty one too", { params: [os, { name: "p", value: [] }] }, 2],
  ["include alone", { include: include({ os: "linux" }, { arch: "arm" }) }, 2],
  ["an include of a value that is not there yet", { params: [os], include: include({ os: "bsd" }) }, 3],
  [
    "one of a value that is there, or of another param",
    { params: [os], include: include({ os: "mac" }, { x: "y" }) },
    2,
  ],
])("the length of a matrix, %s", ([, matrix, length]) => {
  expect(writtenLength(matrix)).toBe(length);
});
