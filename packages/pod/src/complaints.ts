import { type Code, type Diagnostic, type Severity } from "@lapcat/diagnostic";
import { type ResolvedTask } from "@lapcat/tekton";

/** Keys and indices from the Task's `spec`: `["steps", 0, "env", 1]`. */
export type Place = readonly (string | number)[];

/** What is wrong with one TaskRun's Pod, collected so that a user sees it all at once. */
export interface Complaints {
  readonly all: readonly Diagnostic[];
  error(code: Code, message: string, at?: Place, hint?: string): void;
  warning(code: Code, message: string, at?: Place, hint?: string): void;
}

export function complaintsAbout(task: ResolvedTask): Complaints {
  const all: Diagnostic[] = [];
  const add = (
    severity: Severity,
    code: Code,
    message: string,
    at: Place | undefined,
    hint: string | undefined,
  ): void => {
    const span =
      at === undefined
        ? {}
        : { span: task.origin.spanOf([...task.path, ...at]), path: pathText([...task.path, ...at]) };
    all.push({ code, severity, message, ...span, ...(hint === undefined ? {} : { hint }) });
  };
  return {
    all,
    error: (code, message, at, hint) => add("error", code, message, at, hint),
    warning: (code, message, at, hint) => add("warning", code, message, at, hint),
  };
}

/** Tekton's notation: `spec.steps[0].env[1].name`. */
export function pathText(path: Place): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}
