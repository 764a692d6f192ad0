import { positionAt, sourceFile, succeed } from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { readResources, type RunFlags } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { resolveRun } from "./index.ts";

const pipeline = `apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: ship}
spec:
  params:
    - {name: url}
    - {name: revision, default: main}
  workspaces:
    - {name: source}
    - {name: cache, optional: true}
  tasks:
    - {name: a, workspaces: [{name: source}], taskSpec: {workspaces: [{name: source}], steps: [{image: alpine}]}}
`;
const run = `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {name: ship-1}
spec: {pipelineRef: {name: ship}}
---
${pipeline}`;
const source: NonNullable<RunFlags["workspaces"]> = [{ name: "source", emptyDir: {} }];

test.for<[string, string, RunFlags, readonly string[]]>([
  ["needs what it declares", pipeline, {}, ["6:14 error param.missing", "9:14 error workspace.missing"]],
  ["is content with flags", pipeline, { params: [{ name: "url", value: "x" }], workspaces: source }, []],
  [
    "is not given a workspace that only resembles its own",
    pipeline,
    { params: [{ name: "url", value: "x" }], workspaces: [...source, { name: "cash", emptyDir: {} }] },
    ["warning workspace.unknown"],
  ],
  ["is judged by its plan where somebody wrote the run", run, {}, []],
])("a Pipeline %s", async ([, text, flags, wanted]) => {
  const parsed = parseManifest(sourceFile("a.yaml", text));
  if (!parsed.ok) throw new Error("not YAML");
  const read = readResources(parsed.value);
  if (!read.ok) throw new Error("not Tekton's");
  const options = { catalogs: [], pins: new Map<string, string>(), random: () => 0.5, flags: () => succeed(flags) };
  const { diagnostics } = await resolveRun(read.value.resources, undefined, options);
  const shown = diagnostics.map(({ span, severity, code }) => {
    const at = span === undefined ? undefined : positionAt(span.file, span.start);
    return `${at === undefined ? "" : `${at.line}:${at.column} `}${severity} ${code}`;
  });
  expect(shown).toEqual(wanted);
});
