import { expect, test } from "vitest";
import { mergeStepTemplate } from "./merge-step-template.ts";
import { type Step, type StepTemplate } from "./task.ts";

test.for<[string, StepTemplate, Step, object]>([
  ["the step's image wins", { image: "a" }, { image: "b" }, { image: "b" }],
  ["the template's image fills in", { image: "a" }, { script: "x" }, { image: "a", script: "x" }],
  [
    "words are replaced, not joined",
    { command: ["a"], args: ["b"] },
    { command: ["c"] },
    { command: ["c"], args: ["b"] },
  ],
  ["an empty list of args is a list", { args: ["b"] }, { args: [] }, { args: [] }],
  [
    "env is merged by name, in the template's order",
    {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    },
    { env: [{ name: "B", value: "3" }] },
    {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "3" },
      ],
    },
  ],
  [
    "mounts are merged by path",
    { volumeMounts: [{ name: "a", mountPath: "/x" }] },
    { volumeMounts: [{ name: "b", mountPath: "/x" }] },
    { volumeMounts: [{ name: "b", mountPath: "/x" }] },
  ],
  ["a step with a ref waits for its action", { image: "a" }, { ref: { name: "action" } }, { ref: { name: "action" } }],
])("%s", ([, template, step, merged]) => {
  expect(mergeStepTemplate(template, [step])).toEqual([merged]);
});
