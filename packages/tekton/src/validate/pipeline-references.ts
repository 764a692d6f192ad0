import { didYouMean } from "@lapcat/diagnostic";
import { findExpressions, looksLikeResult, parseResultExpression } from "@lapcat/substitution";
import { type PipelineTask } from "../pipeline.ts";
import { allParams, awaitedResults, paramTexts, whenTexts } from "../pipeline-task-texts.ts";
import { isAfter } from "../versions.ts";
import { needFlag } from "./gates.ts";
import { isOverlookedIn } from "./pipeline-graph.ts";
import { spanIn } from "./references.ts";
import { inside, meantHint, named, report, within, type Scope } from "./scope.ts";

/** A text and its place. */
interface Spoken {
  readonly at: Scope;
  readonly text: string;
}

/** The texts of one param or one when expression, which upstream judges together. */
function groups(scope: Scope, task: PipelineTask, withMatrix: boolean): readonly (readonly Spoken[])[] {
  const params = allParams(task).filter(({ path }) => withMatrix || path[0] === "params");
  const placed = params.map(({ path, param }) => {
    const words = path.slice(0, -1).map((part) => (typeof part === "number" ? `[${part}]` : part));
    const place = named(inside(scope, ...path), ...words, `[${param.name}]`, "value");
    return paramTexts(param).map((each) => ({ at: inside(place, ...each.path), text: each.text }));
  });
  const whens = (task.when ?? []).map((_, index) =>
    whenTexts(task)
      .filter(({ path }) => path[1] === index)
      .map(({ path, text }) => ({ at: inside(within(scope, "when", index), ...path.slice(2)), text })),
  );
  return [...placed, ...whens];
}

const statusOf = /^tasks\..*\.(?:status|reason)$|^tasks\.status$/u;

/** validateExecutionStatusVariables: how a task ended is known to finally only, and only of tasks. */
export function checkExecutionStatus(
  scope: Scope,
  tasks: readonly PipelineTask[],
  final: readonly PipelineTask[],
): void {
  tasks.forEach((task, index) => {
    eachStatus(within(scope, "tasks", index), task, (at, text, expression) => {
      report(at, "reference.unknown", `$(${expression}) is known in finally only`, {
        span: spanOfExpression(at, text, expression),
      });
    });
  });
  const names = tasks.map(({ name }) => name);
  final.forEach((task, index) => {
    eachStatus(within(scope, "finally", index), task, (at, text, expression) => {
      if (expression === "tasks.status") return;
      const name = expression.replace(/^tasks\./u, "").replace(/\.(?:status|reason)$/u, "");
      if (names.includes(name)) return;
      report(at, "pipeline.task-unknown", `there is no task ${JSON.stringify(name)} among tasks`, {
        span: spanOfExpression(at, text, expression),
        hint: meantHint(name, names),
      });
    });
  });
}

function eachStatus(
  scope: Scope,
  task: PipelineTask,
  look: (at: Scope, text: string, expression: string) => void,
): void {
  for (const group of groups(scope, task, false)) {
    if (group.some(({ text }) => findExpressions(text).some(looksLikeResult))) continue;
    for (const { at, text } of group) {
      for (const expression of findExpressions(text)) if (statusOf.test(expression)) look(at, text, expression);
    }
  }
}

/** validateFinalTasks: finally takes results from tasks only. */
export function checkFinallyResults(
  scope: Scope,
  tasks: readonly PipelineTask[],
  final: readonly PipelineTask[],
): void {
  const names = tasks.map(({ name }) => name);
  const finalNames = new Set(final.map(({ name }) => name));
  final.forEach((task, index) => {
    for (const group of groups(within(scope, "finally", index), task, false)) {
      for (const { at, text } of group) {
        for (const expression of findExpressions(text)) {
          const reference = parseResultExpression(expression);
          if (reference === undefined) continue;
          const extra = { span: spanOfExpression(at, text, expression), hint: meantHint(reference.task, names) };
          if (finalNames.has(reference.task)) {
            report(at, "reference.unknown", `${reference.task} is a task of finally too: its results come too late`, {
              span: extra.span,
            });
          } else if (!names.includes(reference.task)) {
            report(
              at,
              "pipeline.task-unknown",
              `there is no task ${JSON.stringify(reference.task)} among tasks`,
              extra,
            );
          }
        }
      }
    }
  });
}

/** validatePipelineRefResultReferencesDisallowed. */
export function checkResultsOfPipelines(
  scope: Scope,
  tasks: readonly PipelineTask[],
  final: readonly PipelineTask[],
): void {
  const nested = new Set(tasks.filter((each) => each.pipelineRef ?? each.pipelineSpec).map(({ name }) => name));
  if (nested.size === 0) return;
  const look = (section: string, list: readonly PipelineTask[]): void => {
    list.forEach((task, index) => {
      for (const { path, reference } of awaitedResults(task)) {
        if (!nested.has(reference.task)) continue;
        report(
          inside(within(scope, section, index), ...path),
          "result.unknown",
          `${reference.task} is a Pipeline, and those give no results to others`,
          isOverlookedIn(scope, path) ? { severity: "warning" } : {},
        );
      }
    });
  };
  look("tasks", tasks);
  look("finally", final);
}

const artifact = /\$\(tasks\.[^.]+\.(?:inputs|outputs)\.[^.)]+\)/u;

/** validateArtifactReference: artifacts of tasks in a PipelineTask's params. */
export function checkArtifacts(scope: Scope, task: PipelineTask): void {
  if (scope.gates.artifacts) return;
  task.params?.forEach((param, index) => {
    for (const { path, text } of paramTexts(param)) {
      if (artifact.test(text))
        needFlag(inside(within(scope, "params"), index, ...path), "enable-artifacts", "an artifact");
    }
  });
}

const prefixes = ["params", "tasks", "finally", "context", "workspaces", "results"];

/** validateVarSubstitutionExpressions: `$(x)` in a Pipeline begins with one of six words. */
export function checkPrefixes(scope: Scope, task: PipelineTask): void {
  if (!isAfter("variables-checked", scope.gates.tekton)) return;
  for (const group of groups(scope, task, true)) {
    for (const { at, text } of group) {
      for (const expression of findExpressions(text)) {
        const prefix = expression.split(".", 1)[0] ?? "";
        if (prefixes.includes(prefix)) continue;
        const meant = didYouMean(prefix, prefixes);
        report(at, "reference.unknown", `$(${expression}) is no variable of a Pipeline`, {
          span: spanOfExpression(at, text, expression),
          hint: meant === undefined ? `for a variable of the shell write \${${expression}}` : `did you mean ${meant}?`,
        });
      }
    }
  }
}

function spanOfExpression(at: Scope, text: string, expression: string): ReturnType<typeof spanIn> {
  const raw = `$(${expression})`;
  return spanIn(at, text, { raw, start: Math.max(0, text.indexOf(raw)) });
}
