import { mergeReplacements, noReplacements } from "@lapcat/substitution";
import { type WhenExpression } from "@lapcat/tekton";
import { previewTask } from "./bound-run.ts";
import { propagatedResults } from "./outcomes.ts";
import { replaceOutside } from "./pipeline-task-replacement.ts";
import { type PlannedTask, type RunPlan } from "./run-plan.ts";
import { substituted } from "./task-passes.ts";
import { whenOutcome } from "./when.ts";

/** A condition before anything ran: what it comes to already, or what it waits for. */
export interface WhenNeed {
  /** Of a step's own condition. */
  readonly step?: string;
  /** With all that is known in it. */
  readonly condition: WhenExpression;
  readonly known: { readonly holds: boolean } | { readonly fault: string } | { readonly waitsFor: readonly string[] };
}

/** Of a task and of its steps, in their order. */
export function whenNeeds(plan: RunPlan, planned: PlannedTask): readonly WhenNeed[] {
  const { evaluateCel } = plan.options;
  const needOf = (condition: WhenExpression): WhenNeed => {
    const waitsFor = unknownIn(condition);
    return { condition, known: waitsFor.length > 0 ? { waitsFor } : whenOutcome([condition], evaluateCel) };
  };
  const own = withGiven(plan, planned).map(needOf);
  if (planned.kind === "pipeline" || planned.task.custom !== undefined) return own;
  const { steps = [] } = substituted(previewTask(plan, planned));
  const ofSteps = steps.flatMap(({ name, when = [] }, index) =>
    when.map((each) => ({ ...needOf(each), step: name === undefined || name === "" ? `unnamed-${index}` : name })),
  );
  return [...own, ...ofSteps];
}

/** Results that stand for tasks that are left out are known. */
function withGiven({ omitted = new Map() }: RunPlan, { pipelineTask }: PlannedTask): readonly WhenExpression[] {
  const given = [...omitted].flatMap(([task, { planned, outcome }]) => {
    if (outcome === undefined) return [];
    const isMatrix = planned.pipelineTask.matrix !== undefined;
    return [propagatedResults({ tasks: new Map([[task, outcome]]), aggregate: "None" }, () => isMatrix, [task])];
  });
  return replaceOutside(pipelineTask, mergeReplacements(noReplacements, ...given)).when ?? [];
}

function unknownIn({ input = "", values = [], cel = "" }: WhenExpression): readonly string[] {
  const found = [input, ...values, cel].flatMap((text) =>
    Array.from(text.matchAll(/\$\((?<name>(?:tasks|steps)\.[^)]+)\)/gu), ({ groups }) =>
      wordsOf(groups?.["name"] ?? ""),
    ),
  );
  return [...new Set(found)];
}

function wordsOf(name: string): string {
  if (name === "tasks.status") return "the end of all tasks";
  const { kind, of, result, field } =
    /^(?<kind>task|step)s\.(?<of>[^.]+)\.(?:results(?:\.(?<result>[^[]+)|\[["'](?<quoted>[^"']+)["']\]).*|(?<field>.+))$/u.exec(
      name,
    )?.groups ?? {};
  if (result !== undefined) return `result ${result} of ${kind} ${of}`;
  return field === undefined ? `$(${name})` : `${field} of ${kind} ${of}`;
}
