import { didYouMean } from "@lapcat/diagnostic";
import { classify, findReferences, type Reference } from "@lapcat/substitution";
import { meantHint } from "../validate/scope.ts";
import { type TaskSpec } from "../task.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { quoted } from "./fitting.ts";
import { textsIn } from "./results.ts";
import { stepActionsIn, tasksIn } from "./specs.ts";
import { spanOfText, toldOfOneText } from "./text-span.ts";

/** How Tekton's variables begin. */
const heads = [
  "params",
  "results",
  "workspaces",
  "context",
  "steps",
  "step",
  "tasks",
  "credentials",
  "artifacts",
  "inputs",
  "outputs",
  "resources",
  "finally",
];
const contexts = [
  "taskRun.name",
  "taskRun.namespace",
  "taskRun.uid",
  "task.name",
  "task.retry-count",
  "pipelineRun.name",
  "pipelineRun.namespace",
  "pipelineRun.uid",
  "pipeline.name",
  "pipelineTask.retries",
];
const workspaceFields = ["path", "bound", "claim", "volume"];
/** What may follow each of them. */
const forms: Readonly<Record<string, string>> = {
  results: "$(results.NAME.path)",
  workspaces: "$(workspaces.NAME.path), .bound, .claim or .volume",
  context: "$(context.taskRun.name), $(context.task.name), $(context.pipelineRun.name) and their like",
  steps: "$(steps.NAME.results.RESULT) or $(steps.step-NAME.exitCode.path)",
  step: "$(step.results.NAME.path)",
  tasks: "$(tasks.NAME.results.RESULT), $(tasks.NAME.status)",
  credentials: "$(credentials.path)",
  artifacts: "$(artifacts.path)",
};

/**
 * Variables that look like Tekton's and are none: they stay in the text as they are, and a shell takes `$(parms.x)` for a command.
 * Admission looks only at the prefixes it knows.
 */
export function adviseOnVariables(advice: Advice): void {
  for (const located of advice.resources) {
    const { kind } = located.resource;
    const embedded = kind === "Pipeline" || kind === "PipelineRun";
    for (const { spec, place } of tasksIn(located)) ofTask(advice, spec, place, embedded);
    for (const { spec, place } of stepActionsIn(located)) {
      const results = (spec.results ?? []).map(({ name }) => name);
      ofTexts(advice, spec, place, { results: undefined, stepResults: results, steps: undefined, embedded: false });
    }
  }
}

interface Names {
  readonly results: readonly string[] | undefined;
  readonly stepResults: readonly string[] | undefined;
  readonly steps: readonly string[] | undefined;
  /** Whether it is a Pipeline's own Task, into which the Pipeline's contexts and results are propagated. */
  readonly embedded: boolean;
}

function ofTask(advice: Advice, spec: TaskSpec, place: Place, embedded: boolean): void {
  const results = (spec.results ?? []).map(({ name }) => name);
  const steps = (spec.steps ?? []).flatMap(({ name }, index) => name ?? `unnamed-${index}`);
  (spec.steps ?? []).forEach((step, index) => {
    const stepResults = step.ref === undefined ? (step.results ?? []).map(({ name }) => name) : undefined;
    ofTexts(advice, step, at(place, "steps", index), { results, stepResults, steps, embedded });
  });
  (spec.sidecars ?? []).forEach((sidecar, index) => {
    ofTexts(advice, sidecar, at(place, "sidecars", index), { results, stepResults: undefined, steps, embedded });
  });
}

function ofTexts(advice: Advice, container: object, place: Place, names: Names): void {
  for (const { text, path } of textsIn(container, [])) {
    if (!text.includes("$(")) continue;
    let told = 0;
    for (const reference of findReferences(text)) {
      const problem = problemOf(reference, names);
      if (problem === undefined) continue;
      const where = at(place, ...path);
      const span = spanOfText(where, text, reference);
      advice.say(where, problem.code, problem.message, { span, hint: problem.hint });
      if (++told === toldOfOneText) break;
    }
  }
}

interface Problem {
  readonly code: "reference.misspelt" | "result.unknown";
  readonly message: string;
  readonly hint: string | undefined;
}

function problemOf(reference: Reference, names: Names): Problem | undefined {
  const { raw, parts } = reference;
  const [head = "", second] = parts;
  if (second === undefined) return undefined;
  const misspelt = (hint: string): Problem => ({
    code: "reference.misspelt",
    message: `${raw} is none of Tekton's variables and stays as it is`,
    hint,
  });
  if (!heads.includes(head)) {
    const meant = didYouMean(head, heads);
    return meant === undefined ? undefined : misspelt(`did you mean ${raw.replace(head, meant)}?`);
  }
  const variable = classify(reference);
  switch (variable.kind) {
    case "unknown": {
      const form = forms[head];
      return form === undefined ? undefined : misspelt(`Tekton knows ${form}`);
    }
    case "workspace": {
      if (workspaceFields.includes(variable.field)) return undefined;
      return misspelt(meantHint(variable.field, workspaceFields) ?? `Tekton knows ${forms["workspaces"] ?? ""}`);
    }
    case "result-path":
      return undeclared("the Task", variable.result, names.results);
    case "step-result-path":
      return undeclared("the step", variable.result, names.stepResults);
    case "step-exit-code-path": {
      const known = names.steps?.map((name) => `step-${name}`);
      if (known === undefined || known.includes(variable.container)) return undefined;
      const meant = known.includes(`step-${variable.container}`)
        ? `step-${variable.container}`
        : didYouMean(variable.container, known);
      return misspelt(
        meant === undefined ? `Tekton knows ${forms["steps"] ?? ""}` : `did you mean $(steps.${meant}.exitCode.path)?`,
      );
    }
    case "context": {
      const { object, field } = variable;
      if (contexts.includes(`${object}.${field}`))
        return names.embedded || !object.startsWith("pipeline") ? undefined : onlyInPipeline(raw);
      const meant = didYouMean(`${object}.${field}`, contexts);
      return misspelt(
        meant === undefined ? `Tekton knows ${forms["context"] ?? ""}` : `did you mean $(context.${meant})?`,
      );
    }
    case "param":
    case "step-result":
    case "step-artifact":
    case "artifacts-path":
    case "credentials-path":
    case "resource":
      // Known by their form; whether the name is declared is for admission, or for the question about results.
      return undefined;
    case "task-result":
    case "task-artifact":
      return names.embedded ? undefined : onlyInPipeline(raw);
    case "task-status":
    case "tasks-status":
    case "matrix-length":
      return onlyInPipeline(raw);
  }
}

/** A Pipeline's variables are replaced in the params that it gives to its tasks (ApplyPipelineTaskStateContext), not in their steps. */
function onlyInPipeline(raw: string): Problem {
  return {
    code: "reference.misspelt",
    message: `${raw} is known to a Pipeline only, and stays as it is in a step`,
    hint: "declare a param for it, and let the Pipeline give it this value",
  };
}

function undeclared(who: string, result: string, known: readonly string[] | undefined): Problem | undefined {
  if (known === undefined || known.includes(result)) return undefined;
  return {
    code: "result.unknown",
    message: `${who} declares no result ${quoted(result)}`,
    hint: meantHint(result, known),
  };
}
