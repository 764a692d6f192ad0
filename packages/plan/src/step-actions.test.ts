import { expect, test } from "vitest";
import { type Param, type StepAction, type Step, type TaskSpec } from "@lapcat/tekton";
import { inlineStepActions } from "./step-actions.ts";

function inlined(step: Step, action: StepAction["spec"], passed: readonly Param[] = [], task: TaskSpec = {}) {
  const actions = new Map([["action", { resource: { spec: action } }]]);
  const { spec, faults } = inlineStepActions(
    { ...task, steps: [{ ref: { name: "action" }, ...step }] },
    passed,
    actions,
  );
  return { step: spec.steps?.[0], faults: faults.map(({ message, path }) => `${path.join(".")} ${message}`) };
}

const where = 'failed to resolve step ref for step "" (index 0): ';
const text = { name: "text" };
const list = { name: "list", type: "array" as const, default: ["a", "b"] };

test("a step keeps what is its own, and takes the rest from the action", () => {
  const step = { name: "s", timeout: "1m", onError: "continue", securityContext: { runAsUser: 1 } };
  expect(inlined(step, { image: "i", args: ["x"], workingDir: "/w", results: [{ name: "r" }] }).step).toEqual({
    name: "s",
    timeout: "1m",
    onError: "continue",
    image: "i",
    args: ["x"],
    workingDir: "/w",
    results: [{ name: "r" }],
  });
});

test.for<[title: string, Param[], expected: string[]]>([
  ["the step's own", [{ name: "text", value: "t" }], ["t", "a b", "a", "b"]],
  ["the Task's, in the step's", [{ name: "text", value: "<$(params.of)>" }], ["<given>", "a b", "a", "b"]],
  [
    "an array of the TaskRun's, whole",
    [
      { name: "text", value: "t" },
      { name: "list", value: "$(params.many[*])" },
    ],
    ["t", "1 b", "1"],
  ],
  [
    "an earlier step's results",
    [{ name: "text", value: "$(steps.s.results.r)" }],
    ["$(steps.s.results.r)", "a b", "a", "b"],
  ],
])("params of an action are %s", ([, params, args]) => {
  const action = {
    image: "i",
    args: ["$(params.text)", "$(params.list[0]) $(params.list[1])", "$(params.list[*])"],
    params: [text, list],
  };
  const passed = [
    { name: "of", value: "given" },
    { name: "many", value: ["1"] },
  ];
  expect(inlined({ params }, action, passed).step?.args).toEqual(args);
});

test("defaults name one another, in whatever order", () => {
  const params = [
    { name: "c", default: "$(params.b)!" },
    { name: "b", default: "$(params.a) $(params.a)" },
    { name: "a", default: "x" },
  ];
  expect(inlined({}, { args: ["$(params.c)"], params }).step?.args).toEqual(["x x!"]);
});

test.for<[Param[], StepAction["spec"]["params"], string]>([
  [[], [text], `steps.0.ref ${where}non-existent params in Step: [text]`],
  [[{ name: "a", value: "" }], [], `steps.0.params ${where}extra params passed by Step to StepAction: [a]`],
  [
    [],
    [
      { name: "a", default: "$(params.b)" },
      { name: "b", default: "$(params.a)" },
    ],
    `steps.0.ref ${where}circular dependency detected in parameter references`,
  ],
  [
    [],
    [{ name: "a", default: "$(params.b)" }],
    `steps.0.ref ${where}parameter "a" references non-existent parameter "b"`,
  ],
  [
    [{ name: "list", value: "a" }],
    [list],
    `steps.0.params ${where}invalid parameter substitution: list. Please check the types of the default value and the passed value`,
  ],
])("%j for %j is a fault", ([params, declared = [], fault]) => {
  const { step, faults } = inlined({ params }, { image: "i", params: declared });
  expect(faults).toEqual([fault]);
  expect(step?.ref).toBeDefined();
});
