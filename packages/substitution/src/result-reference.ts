/** A task's result as the graph sees it: only the dotted notation makes one task wait for another. */
export interface ResultReference {
  readonly from: "tasks" | "finally";
  readonly task: string;
  readonly result: string;
  readonly key?: string;
  readonly index?: number;
  readonly star: boolean;
  readonly start: number;
  readonly end: number;
}

const variable = /\$\((?<expression>[_a-zA-Z0-9.-]+(?:\[(?:[0-9]+|\*)\])?)\)/gu;

/** The expressions upstream finds in a text (`VariableSubstitutionRegex`): `tasks.t.results.r[0]`, `params.x`. */
export function findExpressions(text: string): readonly string[] {
  return Array.from(text.matchAll(variable), (found) => found.groups?.["expression"] ?? "");
}

/** The results of tasks that a text refers to. */
export function findResultReferences(text: string): readonly ResultReference[] {
  return Array.from(text.matchAll(variable)).flatMap((found) => {
    const parsed = parseResultExpression(found.groups?.["expression"] ?? "");
    return parsed === undefined ? [] : [{ ...parsed, start: found.index, end: found.index + found[0].length }];
  });
}

/** Upstream's `ParseTaskExpression`: `tasks.t.results.r`, `r[0]`, `r[*]` or `r.key`, and nothing longer. */
export function parseResultExpression(expression: string): Omit<ResultReference, "start" | "end"> | undefined {
  const parts = expression.split(".");
  const [from, task, , last, key] = parts;
  if (!looksLikeResult(expression) || (from !== "tasks" && from !== "finally")) return undefined;
  if (task === undefined || last === undefined || parts.length > 5) return undefined;
  if (key !== undefined) return { from, task, result: last, key, star: false };
  const index = /\[(?<digits>[0-9]*)(?<star>\*?)\]/u.exec(last);
  const result = last.replaceAll(/\[[0-9]*\*?\]/gu, "");
  const digits = index?.groups?.["digits"] ?? "";
  if (digits !== "") return { from, task, result, index: Number(digits), star: false };
  return { from, task, result, star: index?.groups?.["star"] === "*" };
}

/** Whether an expression is meant as a result, well-formed or not. */
export function looksLikeResult(expression: string): boolean {
  const [from, , results, ...rest] = expression.split(".");
  return (from === "tasks" || from === "finally") && results === "results" && rest.length > 0;
}
