import { didYouMean, type Diagnostic, fail, hasErrors, type Result, succeed } from "@lapcat/diagnostic";
import {
  asPipelineTaskName,
  asTaskRunName,
  missingInputs,
  omittedTasks,
  type PipelineTaskName,
  type PlannedTask,
  type RunPlan,
  type Selection,
  type TaskOutcome,
  withoutTask,
} from "@lapcat/plan";
import { type TaskOmitted } from "@lapcat/run";
import { isArrayValue, type ParamType, type ParamValue, parseParamFlag, type RunResult } from "@lapcat/tekton";
import { type EarlierRun, earlierRun } from "./earlier-run.ts";
import { withClaims } from "./plan-claims.ts";
import { type World } from "./world.ts";

/** The options that choose a part of a Pipeline, and say what stands for the rest; as commander gives them. */
export interface PartOptions extends Selection {
  readonly resultsFrom?: string;
  readonly result: readonly string[];
  readonly simulated?: boolean;
}

export interface PartOfRun {
  /** All of it, with the volumes that it takes over. */
  readonly whole: RunPlan;
  /** What is run. */
  readonly plan: RunPlan;
  readonly omitted: readonly TaskOmitted[];
  /** Claims of an earlier run that take the place of this run's own, by the name of its own. */
  readonly claims: Readonly<Record<string, string>>;
}

/** The part that was chosen, with all that it takes from elsewhere; or all that is missing, before anything runs. */
export async function partOfRun(world: World, plan: RunPlan, options: PartOptions): Promise<Result<PartOfRun>> {
  const chosen = omittedTasks(plan, options);
  if (!chosen.ok) return chosen;
  const out = new Map(chosen.value.map((each) => [each.name, each]));
  const asked = options.result.length > 0 || options.resultsFrom !== undefined;
  if (out.size === 0)
    return asked
      ? fail([
          usage(
            "--result and --results-from stand for tasks that are left out, and none is",
            "choose a part with --only, --from or --until",
          ),
        ])
      : succeed({ whole: plan, plan, omitted: [], claims: {} });
  const earlier = options.resultsFrom === undefined ? undefined : await earlierRun(world, options.resultsFrom, plan);
  const diagnostics: Diagnostic[] = [];
  const results = options.result.flatMap((text) => {
    const read = resultOfFlag(text, plan, out);
    diagnostics.push(...read.diagnostics);
    return read.ok ? [read.value] : [];
  });
  const outcomes = new Map<PipelineTaskName, TaskOutcome>();
  for (const planned of out.values()) {
    const own = results.filter(({ task }) => task === planned.name);
    const outcome = withResults(planned, earlier?.outcomes.get(planned.name), own);
    if (outcome !== undefined) outcomes.set(planned.name, outcome);
  }
  const claims = earlier?.claims ?? {};
  const missing = missingInputs(plan, [...out.values()], { outcomes, claims: new Set(Object.keys(claims)) });
  // Without containers nobody looks into a volume.
  diagnostics.push(...missing.filter(({ code }) => options.simulated !== true || code !== "workspace.missing"));
  if (hasErrors(diagnostics)) return fail(diagnostics);
  const whole = withClaims(plan, claims);
  const omitted = [...out.keys()].map((task) => omittedTask(task, outcomes.get(task), earlier));
  const left = omitted.reduce((each, { task, given }) => withoutTask(each, task, given), whole);
  return succeed({ whole, plan: left, omitted, claims }, diagnostics);
}

function omittedTask(
  task: PipelineTaskName,
  given: TaskOutcome | undefined,
  earlier: EarlierRun | undefined,
): TaskOmitted {
  const from = earlier?.outcomes.has(task) === true ? { from: earlier.id } : {};
  return { type: "task.omitted", task, ...(given !== undefined && { given, ...from }) };
}

interface GivenResult {
  readonly task: PipelineTaskName;
  readonly name: string;
  readonly value: ParamValue;
}

/** `task.name=value`; the value is read as the type that is declared. */
function resultOfFlag(
  text: string,
  plan: RunPlan,
  out: ReadonlyMap<PipelineTaskName, PlannedTask>,
): Result<GivenResult> {
  const {
    task = "",
    name = "",
    value = "",
  } = /^(?<task>[^.=]+)\.(?<name>[^=]+)=(?<value>.*)$/su.exec(text)?.groups ?? {};
  if (task === "") return fail([usage(`--result ${JSON.stringify(text)} is not TASK.NAME=VALUE`)]);
  const planned = out.get(asPipelineTaskName(task));
  if (planned === undefined) {
    const known = [...plan.tasks, ...plan.finally].some((each) => each.name === task);
    const near = didYouMean(task, [...out.keys()]);
    return fail([
      usage(
        known
          ? `--result ${task}.${name}: task ${task} is run, and gives its results itself`
          : `--result ${task}.${name}: the Pipeline has no task ${JSON.stringify(task)}`,
        near === undefined ? undefined : `did you mean ${near}?`,
      ),
    ]);
  }
  const declared = declaredResults(planned);
  const type = declared.get(name);
  if (type === undefined) {
    const near = didYouMean(name, [...declared.keys()]);
    const has = declared.size === 0 ? "it declares none" : `it declares ${[...declared.keys()].join(", ")}`;
    const hint = near === undefined ? has : `did you mean ${near}?`;
    return fail([
      {
        code: "result.unknown",
        severity: "error",
        message: `task ${task} has no result ${JSON.stringify(name)}`,
        hint,
      },
    ]);
  }
  const isMatrix = planned.pipelineTask.matrix !== undefined;
  const parsed = parseParamFlag(`${name}=${value}`, { name, type: isMatrix ? "array" : type });
  if (!parsed.ok)
    return fail([usage(`--result ${task}.${name} is an object`, "write it as 'key1:value1, key2:value2'")]);
  return succeed({ task: planned.name, name, value: parsed.value.value });
}

function declaredResults(planned: PlannedTask): ReadonlyMap<string, ParamType> {
  if (planned.kind === "task")
    return new Map(
      (planned.task.spec.results ?? []).map(({ name, type, properties }) => [
        name,
        type ?? (properties === undefined ? "string" : "object"),
      ]),
    );
  const { child } = planned;
  return new Map(
    (child.kind === "pipeline" ? (child.pipeline.spec.results ?? []) : []).map(({ name, type }) => [
      name,
      type ?? "string",
    ]),
  );
}

/** What a task came to, with results in the place of its own; a matrix has one TaskRun for each text. */
function withResults(
  planned: PlannedTask,
  before: TaskOutcome | undefined,
  given: readonly GivenResult[],
): TaskOutcome | undefined {
  if (given.length === 0) return before;
  const names = new Set(given.map(({ name }) => name));
  const count =
    planned.pipelineTask.matrix === undefined
      ? 1
      : Math.max(...given.map(({ value }) => (isArrayValue(value) ? value.length : 1)));
  const taskRuns = Array.from({ length: Math.max(count, before?.taskRuns.length ?? 0) }, (_, index) => {
    const known = before?.taskRuns[index];
    const own = given.flatMap(({ name, value }): readonly RunResult[] => {
      if (planned.pipelineTask.matrix === undefined) return [{ name, type: typeOf(value), value }];
      const text = isArrayValue(value) ? value[index] : undefined;
      return text === undefined ? [] : [{ name, type: "string", value: text }];
    });
    return {
      ...known,
      name: known?.name ?? asTaskRunName(`${planned.taskRunName}-${String(index).padStart(3, "0")}`),
      results: [...(known?.results ?? []).filter(({ name }) => !names.has(name)), ...own],
    };
  });
  return { status: before?.status ?? "None", reason: before?.reason ?? "", finished: true, taskRuns };
}

function typeOf(value: ParamValue): ParamType {
  if (typeof value === "string") return "string";
  return isArrayValue(value) ? "array" : "object";
}

function usage(message: string, hint?: string): Diagnostic {
  return { code: "usage", severity: "error", message, ...(hint === undefined ? {} : { hint }) };
}
