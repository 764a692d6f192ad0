import { type WhenExpression } from "../when.ts";
import { needFlag } from "./gates.ts";
import { spanIn } from "./references.ts";
import { inside, named, report, reportMissing, within, type Scope } from "./scope.ts";

/** WhenExpressions.validate. */
export function checkWhen(scope: Scope, when: readonly WhenExpression[]): void {
  when.forEach((each, index) => checkExpression(within(scope, index), each));
}

function checkExpression(scope: Scope, when: WhenExpression): void {
  const values = when.values ?? [];
  const hasRest = (when.input ?? "") !== "" || (when.operator ?? "") !== "" || values.length > 0;
  if ((when.cel ?? "") !== "") {
    if (!scope.gates.celInWhen) needFlag(inside(scope, "cel"), "enable-cel-in-whenexpression", "cel");
    else if (hasRest) report(scope, "field.conflict", "cel stands alone, without input, operator and values");
    else checkCel(scope, when.cel ?? "");
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

/** Variables are not replaced yet, so that each has to stand in quotes. Upstream takes the expression for a field's name. */
function checkCel(scope: Scope, text: string): void {
  const { compileCel } = scope.gates;
  if (compileCel === undefined) throw new Error("gates that allow CEL are made by withCel");
  const fault = compileCel(text);
  if (fault === undefined) return;
  const at = inside(scope, "cel");
  const { start, end } = fault;
  const hint = text.includes("$(") ? "a variable stands in quotes: '$(params.x)' == 'y'" : undefined;
  report(named(at, text), "field.value", `the expression is not valid CEL: ${fault.message}`, {
    ...(end > start && { span: spanIn(at, text, { raw: text.slice(start, end), start }) }),
    hint,
  });
}
