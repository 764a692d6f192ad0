import { type WhenExpression } from "../when.ts";
import { needFlag } from "./gates.ts";
import { inside, report, reportMissing, within, type Scope } from "./scope.ts";

/** WhenExpressions.validate. The text of a CEL expression is not compiled. */
export function checkWhen(scope: Scope, when: readonly WhenExpression[]): void {
  when.forEach((each, index) => checkExpression(within(scope, index), each));
}

function checkExpression(scope: Scope, when: WhenExpression): void {
  const values = when.values ?? [];
  const hasRest = (when.input ?? "") !== "" || (when.operator ?? "") !== "" || values.length > 0;
  if ((when.cel ?? "") !== "") {
    if (!scope.gates.celInWhen) needFlag(inside(scope, "cel"), "enable-cel-in-whenexpression", "cel");
    else if (hasRest) report(scope, "field.conflict", "cel stands alone, without input, operator and values");
    return;
  }
  if (!hasRest) {
    reportMissing(scope, "input", "a when expression", "write input, operator and values, or cel", "");
    return;
  }
  if (when.operator !== "in" && when.operator !== "notin") {
    report(
      inside(scope, "operator"),
      "field.value",
      `the operator is in or notin, and this is ${JSON.stringify(when.operator ?? "")}`,
    );
  } else if (values.length === 0) {
    report(inside(scope, "values"), "field.missing", "a when expression needs values to compare with");
  }
}
