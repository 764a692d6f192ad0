import { expect, test } from "vitest";
import { didYouMean } from "./did-you-mean.ts";

test.for([
  ["git-clnoe", ["git-clone", "git-cli", "buildah"], "git-clone"],
  ["stesp", ["steps", "sidecars", "stepTemplate"], "steps"],
  ["Steps", ["steps"], "steps"],
  ["taskref", ["taskRef", "taskSpec"], "taskRef"],
  ["runafter", ["runAfter", "retries"], "runAfter"],
  ["x", ["y"], "y"],
  ["buildah", ["kaniko", "git-clone"], undefined],
  ["ab", ["xy"], undefined],
  ["same", ["same"], undefined],
  ["anything", [], undefined],
  ["", ["a"], "a"],
] as const)("%s among %j is meant to be %s", ([word, candidates, expected]) => {
  expect(didYouMean(word, candidates)).toBe(expected);
});

test("of two equally near the first is offered", () => {
  expect(didYouMean("task-", ["task-a", "task-b"])).toBe("task-a");
});
