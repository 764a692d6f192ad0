import { type EvaluateCel, type WhenExpression } from "@lapcat/tekton";
import { type PlannedTask } from "./run-plan.ts";

export type WhenOutcome = { readonly holds: boolean } | { readonly fault: string };

/** Whether all conditions hold; texts are compared as they stand (WhenExpressions.AllowsExecution). One in CEL may come to nothing. */
export function whenOutcome(when: readonly WhenExpression[], evaluateCel: EvaluateCel | undefined): WhenOutcome {
  let holds = true;
  for (const { input = "", operator, values = [], cel = "" } of when) {
    if (cel === "") {
      holds &&= values.includes(input) === (operator === "in");
      continue;
    }
    if (evaluateCel === undefined) throw new Error("a plan with conditions in CEL is made with what evaluates them");
    const outcome = evaluateCel(cel);
    if ("fault" in outcome) return outcome;
    if (typeof outcome.value !== "boolean") return { fault: `The CEL expression ${cel} is not evaluated to a boolean` };
    holds &&= outcome.value;
  }
  return { holds };
}

export function hasCel({ pipelineTask: { when } }: PlannedTask): boolean {
  return (when ?? []).some(({ cel }) => cel !== undefined && cel !== "");
}
