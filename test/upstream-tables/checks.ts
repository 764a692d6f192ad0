import { type Diagnostic, sourceFile } from "../../packages/diagnostic/src/index.ts";
import { parseManifest } from "../../packages/manifest/src/index.ts";
import { indexDiagnostics } from "../../packages/plan/src/index-check.ts";
import { paramFaults } from "../../packages/plan/src/param-check.ts";
import { taskParams } from "../../packages/plan/src/param-values.ts";
import { type Place } from "../../packages/plan/src/place.ts";
import { resultDiagnostics } from "../../packages/plan/src/result-check.ts";
import {
  adviseOn,
  type Origin,
  type ParamSpec,
  type PipelineResult,
  type ResolvedTask,
} from "../../packages/tekton/src/index.ts";
import { type State } from "./state.ts";
import { type Case, type Input, type Judges, type Verdict } from "./case.ts";

const parsed = parseManifest(sourceFile("table.yaml", "{}"));
const document = parsed.ok ? parsed.value[0] : undefined;
if (document === undefined) throw new Error("{} is a document");
const origin: Origin = {
  document,
  spanOf: (path) => document.spanOf(path),
  keySpanOf: (path) => document.keySpanOf(path),
};

/** Somewhere: the tables have no text. */
export const nowhere: Place = { origin, path: [] };

/** Every reference to an element is beyond the end of an array without any. */
export function indexed(value: object, expected: unknown): Verdict {
  const names = [...JSON.stringify(value).matchAll(/params(?:\.|\[\\["]|\[')([^"'()[\]]+?)(?:\\"|')?\]?\[\d/gu)];
  const empty = names.map(([, name = ""]) => ({ name, value: [] }));
  const found = indexDiagnostics(value, empty, nowhere).map(({ message }) => message.split(" ")[0] ?? "");
  return [[...new Set(found)].toSorted(), Object.keys(expected ?? {}).toSorted()];
}

const refuses = (found: readonly unknown[], { error }: Case): Verdict => [found.length > 0, error !== undefined];

function faults(row: Case, kind: "missing" | "type" | "keys"): Verdict {
  const { pipelineParameters, pipelineRunParameters } = row.input;
  return refuses(
    paramFaults(pipelineParameters ?? [], pipelineRunParameters ?? []).filter((each) => each.kind === kind),
    row,
  );
}

function results(row: Case, found: readonly PipelineResult[]): Verdict {
  const state = (row.input as unknown as { readonly state: readonly State[] | null }).state ?? [];
  const written = state.map(({ PipelineTask: task }) => ({ task, place: nowhere }));
  const tasks = new Map(
    state.flatMap(({ PipelineTask: { name }, ResolvedTask: resolved }): [string, ResolvedTask][] =>
      resolved?.TaskSpec === undefined
        ? []
        : [[name, { name: resolved.TaskName, spec: resolved.TaskSpec, embedded: false, origin, path: [] } as never]],
    ),
  );
  return refuses(resultDiagnostics(written, found, { tasks, children: new Map() }, nowhere), row);
}

/** The advice on a TaskRun with such bindings. */
function claims(workspaces: Input["wb"]): readonly Diagnostic[] {
  const spec = { taskRef: { name: "any" }, workspaces: workspaces ?? [] };
  const resource = { apiVersion: "tekton.dev/v1", kind: "TaskRun", metadata: { name: "any" }, spec } as const;
  return adviseOn([{ resource, origin }]).filter(({ code }) => code === "workspace.claims");
}

export const checkJudges: Judges = {
  "workspace.ValidateOnlyOnePVCIsUsed": (row) => refuses(claims(row.input.wb), row),
  "reconciler/pipelinerun/resources.ValidateObjectParamRequiredKeys": (row) => faults(row, "keys"),
  "reconciler/pipelinerun/resources.ValidateRequiredParametersProvided": (row) => faults(row, "missing"),
  "reconciler/pipelinerun/resources.ValidateParamTypesMatching": (row) =>
    refuses(
      paramFaults(row.input.p.params ?? [], row.input.pr.spec.params ?? []).filter(({ kind }) => kind === "type"),
      row,
    ),
  "reconciler/pipelinerun/resources.ValidateParamArrayIndex": (row) => {
    const { ps, params } = row.input;
    const given = withDefaults(ps.params ?? [], params ?? []);
    return refuses(indexDiagnostics({ ...ps, params: undefined }, given, nowhere), row);
  },
  "reconciler/taskrun/resources.ValidateParamArrayIndex": (row) => {
    const { ts, params } = row.input;
    return refuses(
      indexDiagnostics({ ...ts, params: undefined }, taskParams(ts.params ?? [], params ?? []), nowhere),
      row,
    );
  },
  "reconciler/pipelinerun/resources.ValidatePipelineResults": (row) => results(row, row.input.ps.results ?? []),
  "reconciler/pipelinerun/resources.ValidatePipelineTaskResults": (row) => results(row, []),
};

function withDefaults(specs: readonly ParamSpec[], given: NonNullable<Case["input"]["params"]>): typeof given {
  const names = new Set(given.map(({ name }) => name));
  const defaults = specs.flatMap(({ name, default: value }) =>
    value === undefined || names.has(name) ? [] : [{ name, value }],
  );
  return [...given, ...defaults];
}
