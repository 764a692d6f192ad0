import { type Diagnostic, sourceFile } from "@lapcat/diagnostic";
import { type Path } from "@lapcat/manifest";
import { type Origin } from "../resource.ts";
import { type TaskSpec } from "../task.ts";
import { cleanPath } from "./formats.ts";
import { defaultGates } from "./gates.ts";
import { declaredParams } from "./params.ts";
import { rootScope } from "./scope.ts";
import { checkParamUsage, checkTaskSpec } from "./task.ts";
import { mountPathOf } from "./task-workspaces.ts";

/**
 * Why Tekton makes no Pod of a Task into which all values were put: it asks once more what admission asked before (taskrun.go,
 * createPod). In upstream's words where values commonly lead to it, in ours elsewhere. What a feature flag forbids was refused at admission.
 */
export function podRefusal(spec: TaskSpec): string | undefined {
  const { steps = [], params = [] } = spec;
  const usage = rootScope(originOf(spec), defaultGates, "v1");
  checkParamUsage(usage, { steps }, declaredParams(usage), params);
  if (usage.found.length > 0) return textOf(spec, usage.found);
  const whole = rootScope(originOf(spec), defaultGates, "v1");
  checkTaskSpec(whole, spec);
  const found = whole.found.filter(({ code, severity }) => severity === "error" && code !== "feature.disabled");
  return found.length === 0 ? undefined : textOf(spec, found);
}

/** A value that stands in no document: every text is a file of its own. */
function originOf(spec: TaskSpec): Origin {
  const spanOf: Origin["spanOf"] = (path) => {
    const text = valueAt(spec, path);
    const file = sourceFile("", typeof text === "string" ? text : "");
    return { file, start: 0, end: file.text.length };
  };
  const document = { source: sourceFile("", ""), index: 0, value: {}, jsonTextAt: () => undefined };
  return { document: { ...document, spanOf, keySpanOf: spanOf }, spanOf, keySpanOf: spanOf };
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (each, part) =>
      typeof each === "object" && each !== null ? (each as Record<string | number, unknown>)[part] : undefined,
    value,
  );
}

/** As knative.dev/pkg/apis tells several: those that say the same together, in the order of what they say. */
function textOf(spec: TaskSpec, found: readonly Diagnostic[]): string {
  const paths = new Map<string, { readonly details: string; readonly paths: Set<string> }>();
  for (const each of found) {
    const { message, details = "" } = wordsOf(spec, each);
    const known = paths.get(message) ?? { details, paths: new Set() };
    paths.set(message, known);
    known.paths.add(each.path ?? "");
  }
  return [...paths]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([message, { details, paths: places }]) => {
      const text = `${message}: ${[...places].sort().join(", ")}`;
      return details === "" ? text : `${text}\n${details}`;
    })
    .join("\n");
}

function wordsOf(
  { workspaces = [] }: TaskSpec,
  { code, path = "", span, message }: Diagnostic,
): { readonly message: string; readonly details?: string } {
  const text = span?.file.text ?? "";
  const field = path.split(".").at(-1);
  if (code === "reference.unknown" && text.includes("$("))
    return { message: `non-existent variable in ${JSON.stringify(text)}` };
  if (code === "param.type")
    return {
      message: message.endsWith("whole item")
        ? `variable is not properly isolated in ${JSON.stringify(text)}`
        : `variable type invalid in ${JSON.stringify(text)}`,
    };
  if (code === "field.conflict" && field === "script") return { message: "script cannot be used with command" };
  if (code === "field.missing" && message.includes("values to compare with"))
    return { message: "invalid value: expecting non-empty values field" };
  if (code === "field.missing") return { message: "missing field(s)" };
  if (field === "onError")
    return {
      message: `invalid value: ${JSON.stringify(text)}`,
      details: 'Task step onError must be either "continue" or "stopAndFail"',
    };
  const workspace = field === "mountpath" ? workspaces[Number(/\[(\d+)\]\.mountpath$/u.exec(path)?.[1])] : undefined;
  if (workspace !== undefined)
    return { message: `workspace mount path ${JSON.stringify(cleanPath(mountPathOf(workspace)))} must be unique` };
  return { message };
}
