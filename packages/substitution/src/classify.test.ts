import { expect, test } from "vitest";
import { classify } from "./classify.ts";
import { isolatedReference } from "./reference.ts";

test.for([
  ["$(params.x)", { kind: "param", name: "x", dotted: "x", legacy: false, star: false }],
  ["$(params.o.key)", { kind: "param", name: "o", dotted: "o.key", legacy: false, key: "key", star: false }],
  ['$(params["a.b"][1])', { kind: "param", name: "a.b", dotted: "a.b", legacy: false, index: 1, star: false }],
  ["$(params.a[*])", { kind: "param", name: "a", dotted: "a", legacy: false, star: true }],
  ["$(inputs.params.x)", { kind: "param", name: "x", dotted: "x", legacy: true, star: false }],
  ["$(tasks.t.results.r)", { kind: "task-result", from: "tasks", task: "t", result: "r", star: false }],
  ["$(tasks.t.results.r[2])", { kind: "task-result", from: "tasks", task: "t", result: "r", index: 2, star: false }],
  ["$(tasks.t.results.r.k)", { kind: "task-result", from: "tasks", task: "t", result: "r", key: "k", star: false }],
  ["$(tasks.t.results['r.s'][*])", { kind: "task-result", from: "tasks", task: "t", result: "r.s", star: true }],
  ["$(finally.t.results.r)", { kind: "task-result", from: "finally", task: "t", result: "r", star: false }],
  ["$(tasks.t.results.r.k.more)", { kind: "unknown" }],
  ["$(tasks.t.status)", { kind: "task-status", task: "t", field: "status" }],
  ["$(tasks.t.reason)", { kind: "task-status", task: "t", field: "reason" }],
  ["$(tasks.status)", { kind: "tasks-status" }],
  ["$(tasks.t.matrix.length)", { kind: "matrix-length", task: "t" }],
  ["$(tasks.t.matrix.r.length)", { kind: "matrix-length", task: "t", result: "r" }],
  ["$(tasks.t.outputs)", { kind: "task-artifact", task: "t", direction: "outputs" }],
  ["$(tasks.t.inputs.source)", { kind: "task-artifact", task: "t", direction: "inputs", name: "source" }],
  ["$(context.taskRun.name)", { kind: "context", object: "taskRun", field: "name" }],
  ["$(context.pipelineTask.retries)", { kind: "context", object: "pipelineTask", field: "retries" }],
  ["$(workspaces.source.path)", { kind: "workspace", name: "source", field: "path" }],
  ["$(results.r.path)", { kind: "result-path", result: "r" }],
  ["$(results['r'].path)", { kind: "result-path", result: "r" }],
  ["$(results.r)", { kind: "unknown" }],
  ["$(step.results.r.path)", { kind: "step-result-path", result: "r" }],
  ["$(steps.s.results.r)", { kind: "step-result", step: "s", result: "r", star: false }],
  ["$(steps.step-s.exitCode.path)", { kind: "step-exit-code-path", container: "step-s" }],
  ["$(steps.s.outputs.image)", { kind: "step-artifact", step: "s", direction: "outputs", name: "image" }],
  ["$(step.artifacts.path)", { kind: "artifacts-path", of: "step" }],
  ["$(artifacts.path)", { kind: "artifacts-path", of: "task" }],
  ["$(credentials.path)", { kind: "credentials-path" }],
  ["$(resources.inputs.source.url)", { kind: "resource" }],
  ["$(outputs.resources.image.url)", { kind: "resource" }],
  ["$(date)", { kind: "unknown" }],
  ["$(parms.x)", { kind: "unknown" }],
] as const)("%s", ([text, expected]) => {
  const reference = isolatedReference(text);
  expect(reference && classify(reference)).toEqual(expected);
});
