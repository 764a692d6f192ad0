import { sourceFile } from "@lapcat/diagnostic";
import {
  type Origin,
  type PipelineSpec,
  type PipelineTask,
  type ResolvedChild,
  type ResolvedPipelineRun,
} from "@lapcat/tekton";
import { expect, test } from "vitest";
import { planRun } from "./index.ts";

const span = { file: sourceFile("run.yaml", ""), start: 0, end: 0 };
const document = { source: span.file, index: 0, value: {}, jsonTextAt: () => undefined };
const spans = { spanOf: () => span, keySpanOf: () => span };
const origin: Origin = { document: { ...document, ...spans }, ...spans };
const around = { labels: {}, annotations: {}, origin, embedded: true, path: [], provenance: { uri: "", digest: {} } };

function resolved(spec: PipelineSpec): Pick<ResolvedPipelineRun, "pipeline" | "tasks" | "children"> {
  const all = spec.tasks ?? [];
  const ofTasks = all.filter(({ pipelineSpec }) => pipelineSpec === undefined);
  const children = all.flatMap(({ name, pipelineSpec }): [string, ResolvedChild][] =>
    pipelineSpec === undefined ? [] : [[name, { kind: "pipeline", ...resolved(pipelineSpec) }]],
  );
  return {
    pipeline: { ...around, name: "", spec },
    tasks: new Map(ofTasks.map(({ name, taskSpec = {} }) => [name, { ...around, name: undefined, spec: taskSpec }])),
    children: new Map(children),
  };
}

const matrix = { params: [{ name: "m", value: ["x", "y"] }] };
const task = (name: string, more: Partial<PipelineTask> = {}): PipelineTask => ({
  name,
  taskSpec: { params: [{ name: "m", default: "" }], steps: [{ image: "i" }] },
  ...more,
});
const child = (name: string, tasks: readonly PipelineTask[], more: Partial<PipelineTask> = {}): PipelineTask => ({
  name,
  pipelineSpec: { tasks },
  ...more,
});

test.for<{ readonly name: string; readonly tasks: readonly PipelineTask[]; readonly clash?: string }>([
  { name: "different names", tasks: [task("a-c"), child("a", [task("b")])] },
  { name: "a task and one in a child", tasks: [task("a-b"), child("a", [task("b")])], clash: '"a-b" and "a/b"' },
  {
    name: "a child, and one two levels down",
    tasks: [child("a", [child("b", [task("c")])]), child("a-b-c", [task("d")])],
    clash: '"a/b/c" and "a-b-c"',
  },
  {
    name: "one of a matrix in a child",
    tasks: [task("a-b-1"), child("a", [task("b", { matrix })])],
    clash: '"a-b-1" and "a/b"',
  },
  { name: "a matrix, and one in a child", tasks: [task("a", { matrix }), child("a-0", [task("b")])] },
  {
    name: "what is in a child, and a matrix",
    tasks: [child("a", [task("0")]), task("a-0", { matrix })],
    clash: '"a/0" and "a-0"',
  },
  { name: "numbers that are no matrix's", tasks: [task("a-b-1"), child("a", [task("b-2"), task("b-3")])] },
])("$name", ({ tasks, clash }) => {
  const spec = { tasks };
  const plan = planRun({
    kind: "PipelineRun",
    run: {
      resource: {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        metadata: { name: "run", uid: "u" },
        spec: { pipelineSpec: spec },
      },
      origin,
    },
    ...resolved(spec),
    objects: { secrets: new Map(), configMaps: new Map(), serviceAccounts: new Map(), claims: new Map() },
  });
  const told = plan.diagnostics.filter(({ code }) => code === "field.duplicate").map(({ message }) => message);
  expect(told.map((message) => /"\S+" and "\S+"/u.exec(message)?.[0])).toEqual(clash === undefined ? [] : [clash]);
});
