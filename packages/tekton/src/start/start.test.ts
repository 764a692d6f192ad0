import { sourceFile, succeed } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { expect, test } from "vitest";
import { type ParamSpec } from "../param.ts";
import { type Pipeline } from "../pipeline.ts";
import { readResources } from "../read/read-resources.ts";
import { type Located } from "../resource.ts";
import { parseParamFlag } from "./param-flag.ts";
import { applyRunFlags, runForPipeline } from "./run-for.ts";
import { parseWorkspaceFlag } from "./workspace-flag.ts";

test.for<[string, ParamSpec | undefined, unknown]>([
  ["a=b=c", undefined, "b=c"],
  ["a=", { name: "a", type: "string" }, ""],
  ["a=x,y", { name: "a", type: "string" }, "x,y"],
  ["a=x,y", { name: "a", type: "array" }, ["x", "y"]],
  ["a=", { name: "a", type: "array" }, []],
  ["a=k1:v1, k2:v:2", { name: "a", type: "object" }, { k1: "v1", k2: "v:2" }],
])("-p %s with %j is %j", ([text, spec, value]) => {
  expect(parseParamFlag(text, spec)).toMatchObject({ ok: true, value: { name: "a", value } });
});

test.for(["novalue", "=x"])("-p %s is refused", (text) => {
  expect(parseParamFlag(text, undefined)).toMatchObject({ ok: false, diagnostics: [{ code: "usage" }] });
});

test.for<[string, object]>([
  ["name=w,emptyDir=", { name: "w", emptyDir: {} }],
  ["name=w,emptyDir=Memory", { name: "w", emptyDir: { medium: "Memory" } }],
  ["name=w,claimName=c,subPath=d", { name: "w", subPath: "d", persistentVolumeClaim: { claimName: "c" } }],
  ["name=w,secret=s", { name: "w", secret: { secretName: "s" } }],
  [
    "name=w,config=c,item=k=p,item=l=q",
    {
      name: "w",
      configMap: {
        name: "c",
        items: [
          { key: "k", path: "p" },
          { key: "l", path: "q" },
        ],
      },
    },
  ],
])("-w %s is understood", ([text, binding]) => {
  expect(parseWorkspaceFlag(text)).toEqual(succeed(binding));
});

test("a claim template comes from a file", () => {
  const file = sourceFile("t.yaml", "spec:\n  accessModes: [ReadWriteOnce]\n");
  const parsed = parseWorkspaceFlag("name=w,volumeClaimTemplateFile=t.yaml", () => succeed(file));
  expect(parsed).toMatchObject({
    ok: true,
    value: { name: "w", volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"] } } },
  });
});

test.for([
  "emptyDir=",
  "name=w",
  "name=w,emptyDir=,secret=s",
  "name=w,clam=x",
  "name=w,secret=s,item=k",
  "name=w,emptyDir=Disk",
])("-w %s is refused", (text) => {
  expect(parseWorkspaceFlag(text)).toMatchObject({ ok: false, diagnostics: [{ code: "usage" }] });
});

function pipeline(): Located<Pipeline> {
  const text =
    "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: build}\nspec: {tasks: [{name: a, taskRef: {name: t}}]}\n";
  const documents = parseManifest(sourceFile("p.yaml", text));
  if (!documents.ok) throw new Error("not YAML");
  const read = readResources(documents.value);
  if (!read.ok) throw new Error("not a Pipeline");
  return read.value.resources[0] as Located<Pipeline>;
}

test("a run of a bare Pipeline has its name, the defaults and the flags", () => {
  const run = runForPipeline(pipeline(), { serviceAccount: "robot", labels: { a: "b" }, timeouts: { tasks: "5m" } });
  expect(run.resource).toEqual({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { generateName: "build-run-", labels: { a: "b" } },
    spec: {
      pipelineRef: { name: "build" },
      timeouts: { pipeline: "1h0m0s", tasks: "5m" },
      taskRunTemplate: { serviceAccountName: "robot" },
    },
  });
});

test("flags replace what has the same name and add the rest", () => {
  const first = runForPipeline(pipeline(), { params: [{ name: "a", value: "1" }] });
  const run = applyRunFlags(first, {
    params: [
      { name: "b", value: "3" },
      { name: "a", value: "2" },
    ],
  });
  expect(run.resource.spec.params).toEqual([
    { name: "a", value: "2" },
    { name: "b", value: "3" },
  ]);
});
