import { expect, test } from "vitest";
import { expandKubernetes } from "./expand-kubernetes.ts";

const env = new Map([
  ["VAR", "value"],
  ["NESTED", "$(VAR)"],
  ["EMPTY", ""],
]);

// The rows are the kubelet's own promises: known, unknown, escaped, unfinished.
test.for([
  ["$(VAR)", "value"],
  ["a$(VAR)b$(EMPTY)c", "avaluebc"],
  ["$(NESTED)", "$(VAR)"],
  ["$(UNKNOWN)", "$(UNKNOWN)"],
  ["$$(VAR)", "$(VAR)"],
  ["$$$(VAR)", "$value"],
  ["$$$$(VAR)", "$$(VAR)"],
  ["$VAR ${VAR}", "$VAR ${VAR}"],
  ["$(VAR", "$(VAR"],
  ["$", "$"],
  ["a$", "a$"],
  ["$(VAR)$", "value$"],
  ["$()", "$()"],
  ["$($(VAR))", "$($(VAR))"],
  ["no dollar", "no dollar"],
] as const)("%j becomes %j", ([text, expected]) => {
  expect(expandKubernetes(text, env)).toBe(expected);
});
