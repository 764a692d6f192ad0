import { positionAt, sourceFile, type Span } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { expect, test } from "vitest";
import { type TektonResource } from "../resource.ts";
import { attemptResources, readResources, type ReadAttempt } from "./read-resources.ts";

function attempt(text: string): ReadAttempt {
  const parsed = parseManifest(sourceFile("x.yaml", text));
  if (!parsed.ok) throw new Error(parsed.diagnostics[0]?.message);
  return attemptResources(parsed.value);
}

function only(text: string): TektonResource {
  const [first] = attempt(text).resources;
  if (first === undefined) throw new Error("nothing was read");
  return first.resource;
}

function written(span: Span): string {
  return span.file.text.slice(span.start, span.end);
}

const betaRun = `
apiVersion: tekton.dev/v1beta1
kind: PipelineRun
metadata: {name: run}
spec:
  serviceAccountName: robot
  timeout: 30m
  podTemplate: {hostNetwork: true}
  taskRunSpecs:
    - pipelineTaskName: build
      taskServiceAccountName: builder
      stepOverrides:
        - name: compile
          resources: {limits: {memory: 1Gi}}
  pipelineSpec:
    tasks:
      - name: build
        taskSpec:
          stepTemplate: {resources: {limits: {cpu: 2}}}
          steps:
            - image: node
              tty: true
`;

test("a v1beta1 PipelineRun is v1 inside", () => {
  expect(only(betaRun)).toMatchObject({
    apiVersion: "tekton.dev/v1",
    spec: {
      timeouts: { pipeline: "30m" },
      taskRunTemplate: { serviceAccountName: "robot", podTemplate: { hostNetwork: true } },
      taskRunSpecs: [
        {
          pipelineTaskName: "build",
          serviceAccountName: "builder",
          stepSpecs: [{ name: "compile", computeResources: { limits: { memory: "1Gi" } } }],
        },
      ],
      pipelineSpec: {
        tasks: [
          { taskSpec: { stepTemplate: { computeResources: { limits: { cpu: 2 } } }, steps: [{ image: "node" }] } },
        ],
      },
    },
  });
});

test.for<[readonly (string | number)[], string]>([
  [["spec", "taskRunTemplate", "serviceAccountName"], "robot"],
  [["spec", "timeouts", "pipeline"], "30m"],
  [["spec", "taskRunSpecs", 0, "serviceAccountName"], "builder"],
  [["spec", "taskRunSpecs", 0, "stepSpecs", 0, "computeResources", "limits", "memory"], "1Gi"],
  [["spec", "pipelineSpec", "tasks", 0, "taskSpec", "stepTemplate", "computeResources", "limits", "cpu"], "2"],
])("the v1 path %j leads to what was written", ([path, text]) => {
  const [located] = attempt(betaRun).resources;
  expect(written(located!.origin.spanOf(path))).toBe(text);
});

test.for<[string, unknown]>([
  ["text", "text"],
  ["1", "1"],
  ["1.50", "1.5"],
  ["true", "true"],
  ["[a, b]", ["a", "b"]],
  ["[]", []],
  ["[1, 2]", "[1,2]"],
  ["{a: b}", { a: "b" }],
  ["{a: 1}", '{"a":1}'],
  ["null", ""],
  ["[a, null]", ["a", ""]],
  ["{a: null}", { a: "" }],
  ["{a: []}", '{"a":[]}'],
])("the param value %s is %j", ([value, expected]) => {
  const run = only(`
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: run}
spec: {taskRef: {name: t}, params: [{name: p, value: ${value}}]}
`);
  expect(run).toMatchObject({ spec: { params: [{ name: "p", value: expected }] } });
});

const spec = (text: string): string => `
apiVersion: tekton.dev/v1beta1
kind: Task
metadata: {name: t}
spec: {steps: [{image: i}], ${text}}
`;

test.for<[string, string, object]>([
  [
    "params without properties are of type object all the same",
    "params: [{name: p, properties: {}}]",
    { params: [{ name: "p", type: "object" }] },
  ],
  ["so are results", "results: [{name: r, properties: {}}]", { results: [{ name: "r", type: "object" }] }],
  [
    "an empty list is as good as none",
    "params: [], volumes: [], results: [{name: r, type: array, value: []}]",
    { results: [{ name: "r", type: "array", value: [] }] },
  ],
  [
    "an empty default is a default",
    "params: [{name: p, default: []}]",
    { params: [{ name: "p", type: "array", default: [] }] },
  ],
  [
    "null is nothing",
    "params: [{name: p, default: null}], description: null",
    { params: [{ name: "p", type: "string" }] },
  ],
])("as the webhook leaves it, %s", ([, text, expected]) => {
  const made = only(spec(text));
  expect("spec" in made && made.spec).toEqual({ steps: [{ image: "i" }], ...expected });
});

test.for<[string, readonly string[]]>([
  ["stepTemplate: {tty: true}", ["tekton.dev/v1beta1.task-deprecations"]],
  ["stepTemplate: {livenessProbe: {periodSeconds: 1}}", []],
  ["stepTemplate: {tty: false, terminationMessagePath: '', ports: []}", []],
])("what v1 forgets of %s is in the annotations %j", ([text, keys]) => {
  expect(Object.keys(only(spec(text)).metadata.annotations ?? {})).toEqual(keys);
});

test("of a podTemplate's env and volumes a run's own come first, then the configured ones of other names", () => {
  const text =
    "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: r}\nspec: {taskRef: {name: t}, podTemplate: {env: [{name: B, value: own}]}}";
  const parsed = parseManifest(sourceFile("x.yaml", text));
  const settings = { "default-pod-template": "env: [{name: A, value: a}, {name: B, value: b}]" };
  const [made] = attemptResources(parsed.ok ? parsed.value : [], settings).resources;
  expect(made?.resource).toMatchObject({
    spec: {
      podTemplate: {
        env: [
          { name: "B", value: "own" },
          { name: "A", value: "a" },
        ],
      },
    },
  });
});

test("a VerificationPolicy's resources are no PipelineResources", () => {
  const { metadata } = only(`
apiVersion: tekton.dev/v1alpha1
kind: VerificationPolicy
metadata: {name: p}
spec: {resources: [{pattern: .*}], authorities: [{name: a, key: {data: k}}]}
`);
  expect(metadata).toEqual({ name: "p" });
});

test("an env value has to be text, and is told to be quoted", () => {
  const { diagnostics } = attempt(`
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec: {steps: [{image: i, env: [{name: A, value: yes}]}]}
`);
  expect(diagnostics).toMatchObject([{ code: "field.type", hint: 'put it in quotes: "yes"' }]);
});

test("a list is opened, and its items keep their places", () => {
  const { resources } = attempt(`
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {token: aGk=}, stringData: {user: me}}
  - {apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}, secrets: [{name: s}]}
`);
  expect(resources.map(({ resource }) => resource.kind)).toEqual(["Secret", "ServiceAccount"]);
  const { resource, origin } = resources[0]!;
  const data = "data" in resource ? resource.data : {};
  const text = Object.entries(data).map(([key, bytes]) => `${key}=${String.fromCharCode(...(bytes as Uint8Array))}`);
  expect(text).toEqual(["token=hi", "user=me"]);
  const span = origin.spanOf(["metadata", "name"]);
  expect([written(span), positionAt(span.file, span.start).line]).toEqual(["s", 5]);
});

test("of two documents for one object the later counts", () => {
  const text = ["a", "b"].map(
    (image) => `{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: t}, spec: {steps: [{image: ${image}}]}}`,
  );
  const parsed = parseManifest(sourceFile("x.yaml", text.join("\n---\n")));
  const read = readResources(parsed.ok ? parsed.value : []);
  expect(read.ok && read.value.resources.map(({ resource }) => resource)).toMatchObject([
    { spec: { steps: [{ image: "b" }] } },
  ]);
  expect(read.diagnostics).toMatchObject([{ code: "document.duplicate", severity: "warning" }]);
});

test("a field that nobody knows is told where it is null, too", () => {
  const { diagnostics } = attempt(`
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t}
spec: {stepps: null, description: null, steps: [{image: i, comand: null}]}
`);
  expect(diagnostics.map(({ code, path, hint }) => `${code} ${path}: ${hint}`)).toEqual([
    "field.unknown spec.stepps: did you mean steps?",
    "field.unknown spec.steps[0].comand: did you mean command?",
  ]);
});

test("keys that are special to JavaScript are fields like any other", () => {
  const { diagnostics } = attempt(`
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: t, labels: {constructor: a, __proto__: b}}
spec: {__proto__: {x: 1}, toString: 1, steps: [{image: i}]}
`);
  expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual([
    "field.unknown spec.__proto__",
    "field.unknown spec.toString",
  ]);
});
