import type {
  Param,
  ParamSpec,
  PipelineRun,
  PipelineSpec,
  PipelineTask,
  PodTemplate,
  Step,
  StepOrSidecarSpec,
  StepTemplate,
  TaskRun,
  TaskSpec,
  WorkspaceBinding,
  WorkspaceDeclaration,
} from "../../packages/tekton/src/index.ts";

/** A row of upstream's tables: what a Go function was given and what it gave. */
export interface Case {
  readonly name: string;
  readonly func: string;
  readonly input: Input;
  readonly receiver?: unknown;
  readonly expected?: unknown;
  readonly expectedReceiver?: unknown;
  readonly expectedArgs?: Readonly<Record<string, unknown>>;
  readonly error?: string;
  readonly gate?: unknown;
}

/** The arguments by their names in Go; each function has a few of them. */
export interface Input {
  readonly in: string;
  readonly s: string;
  readonly value: string;
  readonly prefix: string;
  readonly vars: Readonly<Record<string, unknown>>;
  readonly expressions: readonly string[];
  readonly replacements?: Readonly<Record<string, string>>;
  readonly stringReplacements?: Readonly<Record<string, string>> | null;
  readonly arrayReplacements?: Readonly<Record<string, readonly string[]>> | null;
  readonly objectReplacements?: Readonly<Record<string, Readonly<Record<string, string>>>> | null;
  readonly steps: readonly Step[];
  readonly template: StepTemplate | null;
  readonly overrides: readonly StepOrSidecarSpec[] | null;
  readonly resultName: string;
  readonly result: string;
  readonly pipelineTaskName: string;
  readonly pt: PipelineTask;
  readonly evaluatedCEL: Readonly<Record<string, boolean>> | null;
  readonly base: string;
  readonly name: string;
  readonly hashedLength: number;
  readonly deps: Readonly<Record<string, readonly string[]>>;
  readonly p: PipelineSpec;
  readonly ps: PipelineSpec;
  readonly ts: TaskSpec;
  readonly spec: TaskSpec & PipelineSpec;
  readonly pr: PipelineRun;
  readonly tr: TaskRun;
  readonly pipelineName: string;
  readonly taskName: string;
  readonly params: readonly Param[] | null;
  readonly defaults: readonly ParamSpec[] | null;
  readonly podTemplate: PodTemplate;
  readonly path: string;
  readonly declarations: readonly WorkspaceDeclaration[];
  readonly bindings: readonly WorkspaceBinding[] | null;
  readonly vols: Readonly<Record<string, { readonly name: string }>>;
  readonly wb: readonly WorkspaceBinding[] | null;
  readonly wbs: readonly WorkspaceBinding[];
  readonly v: Readonly<Record<string, { readonly name: string }>>;
  readonly decls: readonly WorkspaceDeclaration[] | null;
  readonly binds: readonly WorkspaceBinding[] | null;
  readonly trResults: Readonly<Record<string, readonly Param[]>>;
  readonly pipelineParameters: readonly ParamSpec[] | null;
  readonly pipelineRunParameters: readonly Param[] | null;
  readonly prName: string;
  readonly ptName: string;
  readonly childRefs: readonly unknown[] | null;
  readonly numberOfTaskRuns: number;
  readonly numberOfRuns: number;
  readonly numberOfPipelineRuns: number;
}

/** What we say and what upstream says. */
export type Verdict = readonly [ours: unknown, theirs: unknown];
export type Judge = (row: Case) => Verdict;
export type Judges = Readonly<Record<string, Judge>>;

/** A value without what Go writes for nothing: `{}`, `""`, `null`, `[]`, false and 0. Keys are in order. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item) ?? null);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== "object" || value === null)
    return value === "" || value === false || value === 0 || value === null ? undefined : value;
  const entries = Object.entries(value)
    .map(([key, item]): [string, unknown] => [key, plain(item)])
    .filter(([, item]) => item !== undefined)
    .toSorted(([x], [y]) => (x < y ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export function same(ours: unknown, theirs: unknown): Verdict {
  return [plain(ours), plain(theirs)];
}
