import { type WhenExpression } from "@lapcat/tekton";

/** Whether all conditions hold; texts are compared as they stand (WhenExpressions.AllowsExecution). */
export function whenHolds(when: readonly WhenExpression[]): boolean {
  return when.every(({ input = "", operator, values = [] }) => values.includes(input) === (operator === "in"));
}
