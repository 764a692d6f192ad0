import { findExpressions, looksLikeResult, parseResultExpression } from "@lapcat/substitution";
import { type PipelineResult, type PipelineTask } from "../pipeline.ts";
import { meantHint, report, within, type Scope } from "./scope.ts";

/** validatePipelineResults: a Pipeline's result is made of results of its tasks. */
export function checkPipelineResults(
  scope: Scope,
  results: readonly PipelineResult[],
  tasks: readonly PipelineTask[],
  final: readonly PipelineTask[],
): void {
  const names = { tasks: tasks.map(({ name }) => name), finally: final.map(({ name }) => name) };
  results.forEach((result, index) => {
    const place = within(scope, "results", index, "value");
    const texts =
      typeof result.value === "string"
        ? [result.value]
        : Object.values(result.value as Readonly<Record<string, string>>);
    const expressions = texts.flatMap(findExpressions);
    const meant = expressions.filter(looksLikeResult);
    if (meant.length === 0) {
      report(place, "field.value", `the result ${result.name} names no result of a task`, {
        hint: "write $(tasks.<task>.results.<result>)",
      });
      return;
    }
    const malformed = meant.find((each) => parseResultExpression(each) === undefined);
    if (malformed !== undefined) {
      report(place, "field.value", `$(${malformed}) is no result of a task`, {
        hint: "write $(tasks.<task>.results.<result>)",
      });
    }
    if (typeof result.value !== "string") return;
    const wrong = wrongPart(result.value, names);
    if (wrong !== undefined)
      report(place, wrong.task === undefined ? "field.value" : "pipeline.task-unknown", wrong.message, {
        hint: wrong.hint,
      });
  });
}

interface Wrong {
  readonly message: string;
  readonly task?: string;
  readonly hint?: string | undefined;
}

/** taskContainsResult: the text is cut at each `$`, and each piece has to be a result of a task that exists. */
function wrongPart(
  text: string,
  names: { readonly tasks: readonly string[]; readonly finally: readonly string[] },
): Wrong | undefined {
  for (const piece of text.split("$")) {
    if (piece === "") continue;
    const expression = piece.replace(/^\(/u, "").replace(/\)$/u, "");
    const reference = parseResultExpression(expression);
    if (reference === undefined) {
      return {
        message: `${JSON.stringify(piece)} is no result of a task`,
        hint: "upstream allows no other text around the results",
      };
    }
    const known = names[reference.from];
    if (!known.includes(reference.task)) {
      const message = `there is no task ${JSON.stringify(reference.task)} among ${reference.from}`;
      return { message, task: reference.task, hint: meantHint(reference.task, known) };
    }
  }
  return undefined;
}
