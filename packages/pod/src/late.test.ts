import { expect, test } from "vitest";
import { boundForTest, optionsForTest } from "./bound-for-test.ts";
import { settleStep, type SettledStep } from "./late.ts";
import { podOf } from "./pod-of.ts";
import { type PlannedStep } from "./pod-plan.ts";
import { type Step } from "@lapcat/tekton";

const image = "alpine:3";

function planned(step: Step): PlannedStep {
  const result = podOf(
    boundForTest({
      steps: [
        { name: "a", image },
        { image, ...step },
      ],
    }),
    optionsForTest(),
  );
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join("\n"));
  const [, last] = result.value.steps;
  if (last === undefined) throw new Error("no step");
  return last;
}

const provenance = JSON.stringify({
  inputs: [{ name: "in", values: [{ uri: "git:x" }] }],
  outputs: [{ name: "image", values: [{ uri: "a&b", digest: { sha256: "2", sha1: "1" } }] }, { name: "none" }],
});
const files: Readonly<Record<string, string>> = {
  "step-a/results/text": "1.2",
  "step-a/results/quoted": '"1.2"\n',
  "step-a/results/number": "5",
  "step-a/results/nothing": "null",
  "step-a/results/list": '["x","y z"]',
  "step-a/results/empty": "[]",
  "step-a/results/object": '{"k":"v"}',
  "step-a/results/again": "$(steps.a.results.text)",
  "step-a/artifacts/provenance.json": provenance,
};

function settled(step: Step): Promise<SettledStep> {
  return settleStep(planned(step), (container, path) => Promise.resolve(files[`${container}/${path}`]));
}

test.for<[written: readonly string[], replaced: readonly string[] | undefined]>([
  [["plain", "$(steps.a.exitCode)"], undefined],
  [["v$(steps.a.results.text)!"], ["v1.2!"]],
  [
    ["$(steps.a.results.quoted)", "$(steps.a.results.number)", "$(steps.a.results.nothing)"],
    ["1.2", "5", ""],
  ],
  [
    ["-", "$(steps.a.results.list[*])", "$(steps.a.results.list[1])"],
    ["-", "x", "y z", "y z"],
  ],
  // A value of another shape than the reference's is as good as empty.
  [
    ["$(steps.a.results.list)", "$(steps.a.results.empty[*])", "$(steps.a.results.text[*])"],
    ["", "", ""],
  ],
  [
    ["$(steps.a.results.object.k)", "$(steps.a.results.object.none)", "$(steps.a.results.object)"],
    ["v", "", ""],
  ],
  [["$(steps.a.results.again)"], ["$(steps.a.results.text)"]],
  [
    ["$(steps.a.outputs.image)", "$(steps.a.inputs.in)"],
    [String.raw`[{"digest":{"sha1":"1","sha256":"2"},"uri":"a\u0026b"}]`, '[{"uri":"git:x"}]'],
  ],
  [["$(steps.a.outputs.none)"], ["null"]],
  [
    ["$(steps.a.outputs)", "$(steps.a.results.text)"],
    ["$(steps.a.outputs)", "1.2"],
  ],
])("the arguments %j", async ([args, expected]) => {
  const { process, problems } = await settled({ command: ["echo"], args });
  expect(problems).toEqual([]);
  expect(process).toEqual(expected === undefined ? {} : { args: expected });
});

test.for<[name: string, args: readonly string[]]>([
  ["a result that was not written", ["$(steps.a.results.text)", "$(steps.a.results.unwritten)"]],
  ["a result of a step that is not there", ["$(steps.b.results.text)"]],
  ["text beside a list", ["$(steps.a.results.text)", "-$(steps.a.results.list[*])"]],
  ["a reference that is too long", ["$(steps.a.results.object.k.l)"]],
  ["an artifact that was not told", ["$(steps.a.outputs.other)"]],
])("%s leaves all references as they are written, and the step runs", async ([, args]) => {
  const { process, problems, fault } = await settled({ command: ["echo"], args });
  expect([process, problems.length, fault]).toEqual([{}, 1, undefined]);
});

test("variables before the one without a value are replaced all the same", async () => {
  const env = [
    { name: "A", value: "$(steps.a.results.text)" },
    { name: "B", value: "$(steps.a.results.unwritten)" },
    { name: "C", value: "$(steps.a.results.text)" },
  ];
  const { process } = await settled({ command: ["echo", "$(steps.a.results.text)"], env });
  expect(process).toEqual({
    env: [
      { name: "A", value: "1.2" },
      { name: "B", value: "$(steps.a.results.unwritten)" },
      { name: "C", value: "$(steps.a.results.text)" },
    ],
  });
});

test("an index beyond the end fails the step", async () => {
  const { fault } = await settled({ command: ["echo", "$(steps.a.results.list[2])"] });
  expect(fault).toContain("index out of range [2] with length 2");
});

test("conditions take results, lists among their values too", async () => {
  const when = [
    {
      input: "$(steps.a.results.text)",
      operator: "in",
      values: ["$(steps.a.results.list[*])", "$(steps.a.results.text)"],
    },
    { cel: "'$(steps.a.results.text)' == '1.2'" },
  ];
  expect((await settled({ when })).when).toEqual([
    { input: "1.2", operator: "in", values: ["x", "y z", "1.2"] },
    { cel: "'1.2' == '1.2'" },
  ]);
});

test("a script takes artifacts where it has no arguments, and never results", async () => {
  const script = "#!/bin/sh\necho '$(steps.a.inputs.in)' '$(steps.a.results.text)'";
  const text = `#!/bin/sh\necho '[{"uri":"git:x"}]' '$(steps.a.results.text)'`;
  expect(await settled({ script })).toMatchObject({ process: {}, script: text });
  const withArguments = await settled({ script, args: ["$(steps.a.inputs.in)"] });
  expect(withArguments).toMatchObject({ process: { args: ['[{"uri":"git:x"}]'] }, script: undefined });
});
