import { expect, test } from "vitest";
import { formatVersion, parseConstraint, parseVersion } from "./version-constraint.ts";

test.for([
  ["0.6", "0.6.0"],
  ["v1.04", "1.4.0"],
  ["1.2.3.4", "1.2.3.4"],
  ["1.0.0-rc.1+build.7", "1.0.0-rc.1+build.7"],
  ["1.2beta", "1.2.0-beta"],
  ["9223372036854775807", "9223372036854775807.0.0"],
] as const)("%s is the version %s", ([text, formatted]) => {
  const version = parseVersion(text);
  expect(version === undefined ? undefined : formatVersion(version)).toBe(formatted);
});

test.for(["", "main", "1.", ".1", "1..2", "1.x", "1 2", "9223372036854775808", `1.${"0.".repeat(200)}0`])(
  "%j is no version",
  (text) => {
    expect(parseVersion(text)).toBeUndefined();
  },
);

test.for([
  ["0.6", ["0.6", "0.6.0"], ["0.6.1", "0.7", "0.6.0-rc"]],
  ["= 0.6.0", ["0.6"], ["0.60"]],
  ["!=0.6", ["0.7", "0.5-rc"], ["0.6.0"]],
  [">= 0.5.0", ["0.5", "0.10", "1.0"], ["0.4.9", "0.6-rc"]],
  [">=0.7.0, < 2.0.0", ["0.7", "1.9.9"], ["2.0", "0.6"]],
  ["> 0.5, != 0.6", ["0.7"], ["0.5", "0.6"]],
  ["<= 1", ["1.0.0", "0.1"], ["1.0.1"]],
  ["~> 1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]],
  ["~> 1.2", ["1.2.0", "1.9.0"], ["2.0", "1.1"]],
  ["~> 1", ["1.0", "2.0"], ["0.9"]],
  [">= 1.0-a", ["1.0-b", "1.0", "1.1"], ["1.1-b"]],
  ["~> 1.0-a", ["1.0-b"], ["1.0"]],
] as const)("%j means %j and not %j", ([text, those, others]) => {
  const holds = parseConstraint(text);
  const matched = [...those, ...others].filter((each) => {
    const version = parseVersion(each);
    return version !== undefined && holds?.(version) === true;
  });
  expect(matched).toEqual(those);
});

test.for(["", "main", ">", ">= 1,", "=> 1", "1 || 2", "^1"])("%j is no constraint", (text) => {
  expect(parseConstraint(text)).toBeUndefined();
});
