import { didYouMean, type Diagnostic, fail, type Result, succeed } from "@lapcat/diagnostic";
import { previewChild, type RunPlan } from "@lapcat/plan";
import { type CustomTask } from "@lapcat/tekton";

export interface CustomTaskOptions {
  /** `APIVERSION/KIND=COMMAND`. */
  readonly customTask?: readonly string[];
}

/** The command that runs each kind of custom task, by `apiVersion/kind`. */
export type CustomCommands = ReadonlyMap<string, string>;

export function customTaskName({ apiVersion, kind }: CustomTask): string {
  return `${apiVersion}/${kind}`;
}

export function customCommandsOf({ customTask = [] }: CustomTaskOptions): Result<CustomCommands> {
  const commands = new Map<string, string>();
  const refused = (text: string, why: string): Diagnostic => ({
    code: "usage",
    severity: "error",
    message: `--custom-task ${JSON.stringify(text)} ${why}`,
    hint: "such as --custom-task example.dev/v1/Approval=./approve.sh",
  });
  const diagnostics = customTask.flatMap((text): readonly Diagnostic[] => {
    const { name = "", command = "" } = /^(?<name>[^=]+\/[^=/]+)=(?<command>.*)$/su.exec(text)?.groups ?? {};
    if (name === "" || command.trim() === "") return [refused(text, "is not APIVERSION/KIND=COMMAND")];
    if (commands.has(name)) return [refused(text, `gives ${name} a second command`)];
    commands.set(name, command);
    return [];
  });
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(commands);
}

/** Commands that the run has nothing for. */
export function unusedCommands(commands: CustomCommands, plan: RunPlan): readonly Diagnostic[] {
  if (commands.size === 0) return [];
  const used = kindsIn(plan);
  return [...commands.keys()]
    .filter((name) => !used.has(name))
    .map((name) => {
      const near = didYouMean(name, used);
      return {
        code: "usage",
        severity: "warning",
        message: `--custom-task ${name}: no task of the run is of that kind`,
        ...(near !== undefined && { hint: `did you mean ${near}?` }),
      };
    });
}

/** Of its own tasks and of those of the Pipelines in it. */
function kindsIn(plan: RunPlan): ReadonlySet<string> {
  const kinds = [...plan.tasks, ...plan.finally].flatMap((planned): readonly string[] => {
    if (planned.kind === "task") return planned.task.custom === undefined ? [] : [customTaskName(planned.task.custom)];
    const child = previewChild(plan, planned);
    return child === undefined ? [] : [...kindsIn(child)];
  });
  return new Set(kinds);
}
