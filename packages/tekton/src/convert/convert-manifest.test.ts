import { sourceFile } from "@lapcat/diagnostic";
import { expect, test } from "vitest";
import { convertManifest } from "./convert-manifest.ts";

const converted = (text: string): string => {
  const result = convertManifest(sourceFile("x.yaml", text));
  return result.ok
    ? result.value
    : result.diagnostics.map(({ code, path, span }) => `${code} ${path ?? ""} ${span?.start ?? "-"}`).join("\n");
};

test("a Task changes where v1 is different, and keeps its comments and its order", () => {
  expect(
    converted(`# A task
apiVersion: "tekton.dev/v1beta1" # old
kind: Task
metadata: {name: a}
spec:
    steps:
    -   name:   one
        resources:   # little
            requests: {cpu: 1}
        tty: true   # no effect
        image: alpine:3.20
        script: |
          #!/bin/sh
          resources: x
`),
  ).toBe(`# A task
apiVersion: "tekton.dev/v1" # old
kind: Task
metadata: {name: a}
spec:
    steps:
    -   name:   one
        computeResources:   # little
            requests: {cpu: 1}
        image: alpine:3.20
        script: |
          #!/bin/sh
          resources: x
`);
});

test("a PipelineRun's fields move into taskRunTemplate, timeouts and resolvers", () => {
  expect(
    converted(`apiVersion: tekton.dev/v1beta1
kind: PipelineRun
metadata: {generateName: a-}
spec:
  serviceAccountName: bot # who
  timeout: 1h
  pipelineRef:
    name: build
    bundle: registry.example/build:1
  podTemplate:
    # where
    nodeSelector: {a: b}
  taskRunSpecs:
    - pipelineTaskName: x
      taskServiceAccountName: other
`),
  ).toBe(`apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {generateName: a-}
spec:
  taskRunTemplate:
    serviceAccountName: bot # who
    podTemplate:
      # where
      nodeSelector: {a: b}
  timeouts:
    pipeline: 1h
  pipelineRef:
    resolver: bundles
    params:
      - name: bundle
        value: registry.example/build:1
      - name: name
        value: build
      - name: kind
        value: Pipeline
  taskRunSpecs:
    - pipelineTaskName: x
      serviceAccountName: other
`);
});

test("documents of v1, and those that are not Tekton's, keep every byte among others that change", () => {
  const v1 = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: { name:  a }\nspec: {steps: [{image: 'x:1'}]}\r\n";
  expect(converted(v1)).toBe(v1);
  const other = "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n";
  expect(
    converted(`${other}---\napiVersion: tekton.dev/v1beta1\nkind: Task\nspec: {steps: [{image: x}]}\n--- # end\n${v1}`),
  ).toBe(`${other}---\napiVersion: tekton.dev/v1\nkind: Task\nspec: {steps: [{image: x}]}\n--- # end\n${v1}`);
});

test.for([
  [
    "resources that nothing can replace",
    "apiVersion: tekton.dev/v1beta1\nkind: Task\nspec:\n  resources: {inputs: [{name: a}]}\n",
    "field.unsupported spec.resources 50",
  ],
  [
    "two fields that become one",
    "apiVersion: tekton.dev/v1beta1\nkind: PipelineRun\nspec: {timeout: 1h, timeouts: {pipeline: 2h}}\n",
    "field.conflict spec.timeout 56",
  ],
] as const)("%s are told with their place", ([, text, expected]) => {
  expect(converted(text)).toBe(expected);
});

test("a ClusterTask is a Task, and so are the references to it", () => {
  const text = "apiVersion: tekton.dev/v1beta1\nkind: TaskRun\nspec:\n  taskRef: {name: a, kind: ClusterTask}\n";
  expect(converted(text)).toBe("apiVersion: tekton.dev/v1\nkind: TaskRun\nspec:\n  taskRef: {name: a, kind: Task}\n");
});
