import { asPipelineTaskName, asTaskRunName, substituted, workspaceVolumes } from "@lapcat/plan";
import { type TaskSpec } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { boundForTest } from "./bound-for-test.ts";

const claim = { kind: "claim", claimName: "pvc-1", scope: "run", readOnly: false } as const;

/** What the script of a Task's only step becomes. */
function scriptOf(
  script: string,
  spec: TaskSpec = {},
  over: Parameters<typeof boundForTest>[1] = {},
): string | undefined {
  const bound = boundForTest({ ...spec, steps: [{ name: "build", image: "i", script, ...spec.steps?.[0] }] }, over);
  return substituted(bound).steps?.[0]?.script;
}

test.for<[name: string, script: string, expected: string, spec?: TaskSpec, over?: Parameters<typeof boundForTest>[1]]>([
  [
    "a param takes the TaskRun's value",
    "$(params.a)",
    "given",
    { params: [{ name: "a", default: "default" }] },
    { params: [{ name: "a", value: "given" }] },
  ],
  [
    "a param takes its default",
    "$(params.a) $(inputs.params.a)",
    "default default",
    { params: [{ name: "a", default: "default" }] },
  ],
  [
    "a default takes the default of another, and that its own",
    "$(params.c)",
    "x!!",
    {
      params: [
        { name: "a", default: "x" },
        { name: "b", default: "$(params.a)!" },
        { name: "c", default: "$(params.b)!" },
      ],
    },
  ],
  [
    "of several params in a default the last is put in, as upstream does",
    "$(params.c)",
    "$(params.a)-y",
    {
      params: [
        { name: "a", default: "x" },
        { name: "b", default: "y" },
        { name: "c", default: "$(params.a)-$(params.b)" },
      ],
    },
  ],
  [
    "a default that names nothing known is none",
    `$(params.b) $(params["b"])`,
    `$(params.b) $(params["b"])`,
    { params: [{ name: "a" }, { name: "b", default: "$(params.a)" }] },
    { params: [{ name: "a", value: "given" }] },
  ],
  [
    "in lists, objects and brackets nothing is put in",
    "$(params.l[0]) $(params.o.k) $(params.t)",
    `$(params.a) $(params.a) $(params["a"])`,
    {
      params: [
        { name: "a", default: "x" },
        { name: "l", type: "array", default: ["$(params.a)"] },
        { name: "o", type: "object", default: { k: "$(params.a)" } },
        { name: "t", default: `$(params["a"])` },
      ],
    },
  ],
  [
    "of a list that is passed as a text the default's elements stay",
    "$(params.l) $(params.l[1])",
    "$(nothing) two",
    { params: [{ name: "l", type: "array", default: ["one", "two"] }] },
    { params: [{ name: "l", value: "$(nothing)" }] },
  ],
  [
    "a long name of a step is whole in its paths",
    "$(step.artifacts.path) $(steps.step-NAME.exitCode.path)".replace("NAME", "n".repeat(63)),
    "/tekton/steps/step-NAME/artifacts/provenance.json /tekton/steps/step-NAME/exitCode".replaceAll(
      "NAME",
      "n".repeat(63),
    ),
    { steps: [{ name: "n".repeat(63), image: "i" }] },
  ],
  [
    "an object's keys go over those of its default",
    "$(params.o.a)$(params.o.b)",
    "1y",
    { params: [{ name: "o", type: "object", default: { a: "x", b: "y" } }] },
    { params: [{ name: "o", value: { a: "1" } }] },
  ],
  ["an element by index", "$(params.l[1])", "two", { params: [{ name: "l", type: "array", default: ["one", "two"] }] }],
  [
    "what a param puts in is not replaced in the same pass",
    "$(params.a)",
    "$(params.b)",
    { params: [{ name: "b", default: "B" }] },
    { params: [{ name: "a", value: "$(params.b)" }] },
  ],
  [
    "a workspace's path passed through a param is replaced by the later pass",
    "$(params.context)",
    "/workspace/source",
    { workspaces: [{ name: "source" }] },
    {
      params: [{ name: "context", value: "$(workspaces.source.path)" }],
      workspaces: [{ name: "source", source: claim }],
    },
  ],
  [
    "the TaskRun and the Task by name",
    "$(context.taskRun.name) $(context.task.name) $(context.task.retry-count)",
    "run task 2",
    {},
    { attempt: 2 },
  ],
  [
    "a result's path, in three notations",
    `$(results.a.path) $(results["a"].path) $(results['a'].path)`,
    "/tekton/results/a /tekton/results/a /tekton/results/a",
    { results: [{ name: "a" }] },
  ],
  ["an undeclared result stays", "$(results.b.path)", "$(results.b.path)", { results: [{ name: "a" }] }],
  [
    "a step's result's path",
    "$(step.results.r.path)",
    "/tekton/steps/step-build/results/r",
    { steps: [{ results: [{ name: "r" }] }] },
  ],
  [
    "artifacts",
    "$(step.artifacts.path) $(artifacts.path)",
    "/tekton/steps/step-build/artifacts/provenance.json /tekton/artifacts/provenance.json",
  ],
  ["an exit code's path names the container", "$(steps.step-build.exitCode.path)", "/tekton/steps/step-build/exitCode"],
  [
    "a bound workspace",
    "$(workspaces.w.bound) $(workspaces.w.claim)",
    "true pvc-1",
    { workspaces: [{ name: "w", optional: true }] },
    { workspaces: [{ name: "w", source: claim }] },
  ],
  [
    "an optional workspace that is not bound",
    "$(workspaces.w.bound) [$(workspaces.w.path)] $(workspaces.w.claim)",
    "false [] $(workspaces.w.claim)",
    { workspaces: [{ name: "w", optional: true }] },
  ],
  [
    "a workspace's own mountPath, itself replaced before",
    "$(workspaces.w.path)",
    "/data/x",
    { params: [{ name: "d", default: "x" }], workspaces: [{ name: "w", mountPath: "/data/$(params.d)" }] },
    { workspaces: [{ name: "w", source: claim }] },
  ],
  [
    "a step's own mountPath of a workspace",
    "$(workspaces.w.path)",
    "/mine",
    { workspaces: [{ name: "w" }], steps: [{ workspaces: [{ name: "w", mountPath: "/mine" }] }] },
    { workspaces: [{ name: "w", source: claim }] },
  ],
  [
    "the credentials' path comes last",
    "$(params.c)",
    "/tekton/creds",
    {},
    { params: [{ name: "c", value: "$(credentials.path)" }] },
  ],
  [
    "a shell's own substitution stays",
    "$(cat x) $$(params.a) $(nothing.here)",
    "$(cat x) $A $(nothing.here)",
    {},
    { params: [{ name: "a", value: "A" }] },
  ],
])("%s", ([, script, expected, spec, over]) => {
  expect(scriptOf(script, spec, over)).toBe(expected);
});

test("an array fills a list, and an empty one leaves nothing", () => {
  const bound = boundForTest(
    {
      params: [{ name: "none", type: "array", default: [] }],
      steps: [{ args: ["a", "$(params.l[*])", "$(params.none)", "z"] }],
    },
    { params: [{ name: "l", value: ["1", "2"] }] },
  );
  expect(substituted(bound, new Map()).steps?.[0]?.args).toEqual(["a", "1", "2", "z"]);
});

test("an embedded Task is named after its TaskRun", () => {
  const bound = boundForTest({ steps: [{ script: "$(context.task.name)" }] }, { name: asTaskRunName("pr-build") });
  const embedded = {
    ...bound,
    planned: { ...bound.planned, name: asPipelineTaskName("build") },
    task: { ...bound.task, name: undefined },
  };
  expect(substituted(embedded, new Map()).steps?.[0]?.script).toBe("pr-build");
});

test("a volume can be mounted by the name of its workspace's volume", () => {
  const bound = boundForTest(
    { workspaces: [{ name: "w" }], steps: [{ volumeMounts: [{ name: "$(workspaces.w.volume)", mountPath: "/m" }] }] },
    { workspaces: [{ name: "w", source: claim }] },
  );
  const volumes = workspaceVolumes(bound.workspaces);
  expect(substituted(bound, volumes).steps?.[0]?.volumeMounts?.[0]?.name).toBe(volumes.get("w"));
  expect(volumes.get("w")).toMatch(/^ws-[0-9a-f]{5}$/u);
});
