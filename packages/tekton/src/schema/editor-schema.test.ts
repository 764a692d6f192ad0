import { sourceFile } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { type Pipeline } from "../pipeline.ts";
import { attemptResources } from "../read/read-resources.ts";
import { editorKinds, editorSchema, type JsonSchema } from "./editor-schema.ts";
import { runSchema } from "./run-schema.ts";

const valueOf = (text: string): unknown => {
  const parsed = parseManifest(sourceFile("x.yaml", text));
  // Ajv asks objects for their own keys.
  return parsed.ok ? JSON.parse(JSON.stringify(parsed.value[0]?.value)) : undefined;
};

/** Where a document is not what a schema asks for. */
const faults = (schema: JsonSchema, text: string): readonly string[] => {
  const check = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false }).compile(
    schema,
  );
  check(valueOf(text));
  return (check.errors ?? [])
    .filter(({ keyword }) => keyword !== "if")
    .map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
};

const task = `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: a}
spec:
  params: [{name: x, type: array, default: [a]}]
  steps:
    - {name: one, image: alpine, onError: $(params.x), timeout: 1h, computeResources: {requests: {cpu: 1}}}
`;

test.for([
  ["a Task of v1", task, []],
  ["one of v1beta1", task.replace("v1", "v1beta1").replace("computeResources", "resources"), []],
  [
    "a field of the other version",
    task.replace("computeResources", "resources"),
    ["/spec/steps/0 additionalProperties"],
  ],
  ["a misspelt field", task.replace("image", "imgae"), ["/spec/steps/0 additionalProperties"]],
  ["a type that is none", task.replace("type: array", "type: list"), ["/spec/params/0/type enum"]],
  ["a duration that is none", task.replace("1h", "1 hour"), ["/spec/steps/0/timeout pattern"]],
  ["a kind of Kubernetes", "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", []],
  ["a document without a kind", "apiVersion: v1\n", [" required"]],
] as const)("%s", ([, text, expected]) => {
  expect(faults(editorSchema(), text)).toEqual(expected);
});

test("the schema of one kind takes only that", () => {
  expect(faults(editorSchema("Task"), task)).toEqual([]);
  expect(faults(editorSchema("Pipeline"), task)).toEqual(["/kind enum"]);
});

test("every field of Tekton's own nouns has a description", () => {
  const missing = editorKinds.flatMap((kind) => {
    const { $defs } = editorSchema(kind) as {
      readonly $defs: Readonly<Record<string, { readonly properties?: Readonly<Record<string, object>> }>>;
    };
    return Object.entries($defs)
      .filter(([noun]) => /^v1|^StepAction|^(?:Param|When|Workspace|Step|Task|Pipeline|Matrix)/u.test(noun))
      .flatMap(([noun, { properties = {} }]) =>
        Object.entries(properties).flatMap(([name, schema]) => ("description" in schema ? [] : [`${noun}.${name}`])),
      );
  });
  expect([...new Set(missing)]).toEqual([]);
});

const pipelineText = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: ship}
spec:
  params:
    - {name: url, description: Where from.}
    - {name: level, enum: [low, high], default: low}
    - {name: flags, type: array, default: []}
    - {name: image, type: object, properties: {name: {}, tag: {}}, default: {tag: latest}}
  workspaces: [{name: source}, {name: cache, optional: true}]
  tasks: []
`;

function schemaOfRuns(): JsonSchema {
  const parsed = parseManifest(sourceFile("x.yaml", pipelineText));
  const { resources } = attemptResources(parsed.ok ? parsed.value : []);
  return runSchema(resources[0]?.resource as Pipeline);
}

const run = (spec: string): string =>
  `apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {generateName: a-}\nspec: {pipelineRef: {name: ship}, ${spec}}\n`;
const source = "workspaces: [{name: source, emptyDir: {}}]";

test.for([
  ["all that is needed", `params: [{name: url, value: x}], ${source}`, []],
  [
    "all there is",
    `params: [{name: url, value: 1}, {name: level, value: high}, {name: flags, value: [a]}, {name: image, value: {name: a}}], ${source}`,
    [],
  ],
  [
    "a param that is needed is absent",
    `params: [{name: level, value: low}], ${source}`,
    ["/spec/params/0/name const", "/spec/params contains"],
  ],
  ["there are no params", source, ["/spec required"]],
  [
    "a misspelt param",
    `params: [{name: url, value: x}, {name: levle, value: low}], ${source}`,
    ["/spec/params/1/name enum"],
  ],
  [
    "a value that is no choice",
    `params: [{name: url, value: x}, {name: level, value: mid}], ${source}`,
    ["/spec/params/1/value enum"],
  ],
  [
    "text for an array",
    `params: [{name: url, value: x}, {name: flags, value: x}], ${source}`,
    ["/spec/params/1/value type"],
  ],
  [
    "a key that is needed is absent",
    `params: [{name: url, value: x}, {name: image, value: {}}], ${source}`,
    ["/spec/params/1/value required"],
  ],
  [
    "a workspace that is needed is absent",
    "params: [{name: url, value: x}], workspaces: [{name: cache, emptyDir: {}}]",
    ["/spec/workspaces/0/name const", "/spec/workspaces contains"],
  ],
  [
    "another Pipeline",
    `params: [{name: url, value: x}], ${source}`.replace("params", "pipelineRef: {name: other}, params"),
    ["/spec/pipelineRef/name const"],
  ],
] as const)("runs of a Pipeline: %s", ([name, spec, expected]) => {
  const text = name === "another Pipeline" ? run(spec).replace("pipelineRef: {name: ship}, ", "") : run(spec);
  expect(faults(schemaOfRuns(), text)).toEqual(expected);
});

test("editors are told what a param is for and what it is otherwise", () => {
  const text = JSON.stringify(schemaOfRuns());
  expect(text).toContain('"description":"Where from."');
  expect(text).toContain('"default":"low"');
});
