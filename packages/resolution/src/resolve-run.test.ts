import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { positionAt, type Result, sourceFile } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { type Located, readResources, type ResolvedRun } from "@lapcat/tekton";
import { afterEach, beforeEach, expect, test } from "vitest";
import { resolveRun, type ResolveOptions } from "./index.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "lapcat-resolution-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const task = (name: string, more = ""): string => `apiVersion: tekton.dev/v1
kind: Task
metadata: {name: ${name}}
spec:
  steps:
    - {name: a, image: alpine, script: "true"${more}}
`;
const action = (name: string): string => `apiVersion: tekton.dev/v1beta1
kind: StepAction
metadata: {name: ${name}}
spec: {image: alpine}
`;
const pipeline = (refs: readonly string[]): string => `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: build}
spec:
  tasks:
${refs.map((ref, index) => `    - {name: t${index}, taskRef: {name: ${ref}}}`).join("\n")}
`;
const run = (spec: string): string => `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {generateName: build-}
spec: ${spec}
`;

function read(...documents: string[]): readonly Located[] {
  const parsed = parseManifest(sourceFile("a.yaml", documents.join("---\n")));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics.map((each) => each.message)));
  const resources = readResources(parsed.value);
  if (!resources.ok) throw new Error(JSON.stringify(resources.diagnostics.map((each) => each.message)));
  return resources.value.resources;
}

async function catalog(versions: readonly string[], layout = "task"): Promise<string> {
  for (const version of versions) {
    const file = join(root, layout, "git-clone", version, "git-clone.yaml");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, task("git-clone"));
  }
  return root;
}

const resolve = (
  resources: readonly Located[],
  options: Partial<ResolveOptions> = {},
  choice?: { kind?: string; name: string },
): Promise<Result<ResolvedRun>> =>
  resolveRun(resources, choice, { catalogs: [], pins: new Map(), random: () => 0.5, ...options });

function shown(result: Result<ResolvedRun>): readonly string[] {
  return result.diagnostics.map(({ code, severity, message, span, hint }) => {
    const { line, column } = span === undefined ? { line: 0, column: 0 } : positionAt(span.file, span.start);
    return `${span === undefined ? "" : `${line}:${column} `}${severity} ${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`.replaceAll(
      root,
      "ROOT",
    );
  });
}

test("a run is closed: named, and with the definition of every reference", async () => {
  const result = await resolve(read(run("{pipelineRef: {name: build}}"), pipeline(["one", "one"]), task("one")));
  if (!result.ok || result.value.kind !== "PipelineRun") throw new Error(shown(result).join("\n"));
  expect(result.value.run.resource.metadata).toMatchObject({
    name: expect.stringMatching(/^build-[a-z0-9]{5}$/u),
    namespace: "default",
    uid: expect.stringMatching(/^[0-9a-f-]{36}$/u),
  });
  expect(result.value.pipeline.name).toBe("build");
  expect([...result.value.tasks]).toEqual([
    ["t0", expect.objectContaining({ name: "one", embedded: false })],
    ["t1", expect.objectContaining({ name: "one" })],
  ]);
  expect(result.value.tasks.get("t0")?.provenance).toEqual({
    uri: "a.yaml",
    digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) },
  });
});

test("a Pipeline or a Task alone is run by a run that refers to it", async () => {
  const one = await resolve(read(pipeline(["one"]), task("one")));
  expect(one.ok && one.value.kind === "PipelineRun" && one.value.pipeline.name).toBe("build");
  const other = await resolve(read(task("one")));
  expect(other.ok && other.value.kind === "TaskRun" && other.value.task.name).toBe("one");
});

test("where several could be run, they are listed and one can be chosen", async () => {
  const two = read(task("one"), task("two"));
  expect(shown(await resolve(two))).toEqual([
    "error usage: there are 2 things to run, and one has to be chosen: Task/one, Task/two (Name one of them, such as one)",
  ]);
  expect((await resolve(two, {}, { name: "two" })).ok).toBe(true);
  expect(shown(await resolve(two, {}, { name: "twoo" }))[0]).toContain("Did you mean two?");
  expect(shown(await resolve([]))).toEqual([
    "error document.none: there is nothing to run: no documents were given (Give a PipelineRun, a TaskRun, a Pipeline or a Task with -f)",
  ]);
});

test("runs that share a generateName are numbered in their order", async () => {
  const run = (task: string): string =>
    `apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: { generateName: try- }\nspec: { taskRef: { name: ${task} } }\n`;
  const two = read(task("one"), task("two"), run("one"), run("two"));
  expect(shown(await resolve(two))).toEqual([
    "error usage: there are 2 things to run, and one has to be chosen: TaskRun/try-#1, TaskRun/try-#2 (Name one of them, such as try-#1)",
  ]);
  const second = await resolve(two, {}, { kind: "TaskRun", name: "try-#2" });
  expect(second.ok && second.value.kind === "TaskRun" && second.value.task.name).toBe("two");
  expect(shown(await resolve(two, {}, { name: "try-#3" }))[0]).toContain("there is no run, Pipeline or Task try-#3");
});

test("the newest version of a catalog is taken, by number and not by text, and told", async () => {
  const catalogs = [await catalog(["0.2", "0.9", "0.10"])];
  const result = await resolve(read(pipeline(["git-clone"])), { catalogs });
  expect(shown(result)).toEqual([
    "note catalog.chosen: Task git-clone is version 0.10 of the catalog (the newest of 3): ROOT/task/git-clone/0.10/git-clone.yaml",
  ]);
  const pinned = await resolve(read(pipeline(["git-clone", "git-clone"])), {
    catalogs,
    pins: new Map([["git-clone", "0.2"]]),
  });
  expect(shown(pinned)).toEqual([
    "note catalog.chosen: Task git-clone is version 0.2 of the catalog (as asked for): ROOT/task/git-clone/0.2/git-clone.yaml",
  ]);
  expect(pinned.ok && pinned.value.kind === "PipelineRun" && pinned.value.tasks.get("t1")?.provenance).toMatchObject({
    uri: `catalog:${root}`,
    entryPoint: "task/git-clone/0.2/git-clone.yaml",
  });
});

test("a version that is not there is told with those that are", async () => {
  const catalogs = [await catalog(["0.2", "0.9"])];
  expect(
    shown(await resolve(read(pipeline(["git-clone"])), { catalogs, pins: new Map([["git-clone", "0.5"]]) })),
  ).toEqual([
    "error catalog.version: version 0.5 of Task git-clone is not in the catalog ROOT (It has 0.9, 0.2: give one of them with --task git-clone@VERSION)",
  ]);
});

test("the task directory of a catalog serves as one, and a document stands before a catalog", async () => {
  const catalogs = [join(await catalog(["0.2"]), "task")];
  expect(shown(await resolve(read(pipeline(["git-clone"])), { catalogs }))[0]).toContain("version 0.2");
  expect(shown(await resolve(read(pipeline(["git-clone"]), task("git-clone")), { catalogs }))).toEqual([]);
  expect(shown(await resolve(read(task("one")), { catalogs: [join(root, "nowhere")] }))[0]).toContain(
    "the catalog ROOT/nowhere cannot be read",
  );
});

test.for([
  [
    "a Task one letter off, among documents",
    [pipeline(["onne"]), task("one")],
    ['6:34 error task.missing: there is no Task "onne" among the documents (Did you mean one?)'],
  ],
  [
    "a Pipeline one letter off",
    [run("{pipelineRef: {name: biuld}}"), pipeline([])],
    ['4:28 error pipeline.missing: there is no Pipeline "biuld" among the documents (Did you mean build?)'],
  ],
  [
    "a resolver",
    [run("{pipelineRef: {resolver: mine}}")],
    [
      "4:32 error field.unsupported: the resolver \"mine\" is none of Tekton's own, and is not executed (Give the object's file with -f, and refer to it by its name)",
    ],
  ],
  [
    "a StepAction",
    [task("one").replace('image: alpine, script: "true"', "ref: {name: x}")],
    [
      '6:29 error stepaction.missing: there is no StepAction "x" among the documents (Give its file with -f, or a catalog that has it with --catalog DIR)',
    ],
  ],
  [
    "a StepAction of a near name",
    [task("one").replace('image: alpine, script: "true"', "ref: {name: gitclone}"), action("git-clone")],
    ['6:29 error stepaction.missing: there is no StepAction "gitclone" among the documents (Did you mean git-clone?)'],
  ],
  [
    "a StepAction that a resolver would fetch",
    [task("one").replace('image: alpine, script: "true"', "ref: {resolver: mine}")],
    [
      "6:33 error field.unsupported: the resolver \"mine\" is none of Tekton's own, and is not executed (Give the object's file with -f, and refer to it by its name)",
    ],
  ],
  [
    "a ServiceAccount",
    [run("{pipelineRef: {name: build}, taskRunTemplate: {serviceAccountName: robot}}"), pipeline(["one"]), task("one")],
    [
      '4:74 error serviceaccount.missing: there is no ServiceAccount "robot" among the documents (Give its document with -f, or leave the name out)',
    ],
  ],
  [
    "a Secret, a ConfigMap and a key",
    [
      task(
        "one",
        ", env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: B, valueFrom: {configMapKeyRef: {name: c, key: k}}}, {name: C, valueFrom: {configMapKeyRef: {name: d, key: k}}}, {name: D, valueFrom: {secretKeyRef: {name: o, key: k, optional: true}}}, {name: E, valueFrom: {secretKeyRef: {name: $(params.x), key: k}}}]",
      ),
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\ndata: {a: b}\n",
    ],
    [
      '6:97 error secret.missing: there is no Secret "s" among the documents (Give it with -f, or with --secret s=FILE)',
      '6:157 error configmap.missing: there is no ConfigMap "c" among the documents (Did you mean d? Give it with -f)',
      '6:225 error key.missing: the ConfigMap d has no key "k" (It has a)',
    ],
  ],
] as const)("what is missing is told at its place: %s", async ([, documents, expected]) => {
  expect(shown(await resolve(read(...documents)))).toEqual(expected);
});

test("a Secret that a ServiceAccount names and that is absent is a warning", async () => {
  const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: robot}\nsecrets: [{name: login}]\n";
  const result = await resolve(
    read(
      run("{pipelineRef: {name: build}, taskRunTemplate: {serviceAccountName: robot}}"),
      pipeline(["one"]),
      task("one"),
      account,
    ),
  );
  expect(result.ok).toBe(true);
  expect(shown(result)).toEqual([
    '23:18 warning secret.missing: there is no Secret "login", which the ServiceAccount robot names: its credentials are not used (Give it with -f, or with --secret login=FILE)',
  ]);
});

test("steps have their StepActions, of the documents and of the newest version in a catalog", async () => {
  for (const version of ["0.1", "0.2"]) {
    const file = join(root, "stepaction/git-clone", version, "git-clone.yaml");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(
      file,
      action("git-clone").replace("image: alpine", `image: alpine, description: ${JSON.stringify(version)}`),
    );
  }
  const steps = "    - {name: b, ref: {name: git-clone}}\n    - {name: c, ref: {name: own}}\n";
  const result = await resolve(read(`${task("one")}${steps}`, action("own")), { catalogs: [root] });
  const stepActions = result.ok && result.value.kind === "TaskRun" ? result.value.task.stepActions : undefined;
  expect(Array.from(stepActions ?? [], ([name, { resource }]) => [name, resource.spec.description])).toEqual([
    ["git-clone", "0.2"],
    ["own", undefined],
  ]);
  expect(shown(result)).toEqual([
    "note catalog.chosen: StepAction git-clone is version 0.2 of the catalog (the newest of 2): ROOT/stepaction/git-clone/0.2/git-clone.yaml",
  ]);
});
