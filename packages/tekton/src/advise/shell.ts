import { type Path } from "@lapcat/manifest";
import { type Sidecar, type Step, type StepTemplate } from "../task.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { stepActionsIn, tasksIn } from "./specs.ts";
import { spanOfText, toldOfOneText } from "./text-span.ts";

/** Variables that every image's shell has, whether a step sets them or not. */
const common = ["HOME", "PATH", "PWD", "USER", "HOSTNAME"];

/**
 * Where a text meets a shell and Kubernetes is between them, or is not: `$(HOME)` is replaced in args and env but not in a script,
 * and `$$` becomes `$` in args and env (third_party/forked/golang/expansion).
 */
export function adviseOnShell(advice: Advice): void {
  for (const located of advice.resources) {
    for (const { spec, place } of tasksIn(located)) {
      const steps: readonly (readonly [Step | Sidecar, Place])[] = [
        ...(spec.steps ?? []).map((step, index) => [step, at(place, "steps", index)] as const),
        ...(spec.sidecars ?? []).map((sidecar, index) => [sidecar, at(place, "sidecars", index)] as const),
      ];
      for (const [step, where] of steps) ofContainer(advice, step, where, spec.stepTemplate);
    }
    for (const { spec, place } of stepActionsIn(located)) ofContainer(advice, spec, place, undefined);
  }
}

type Container = Pick<Step, "script" | "command" | "args" | "env">;

function ofContainer({ say }: Advice, container: Container, place: Place, template: StepTemplate | undefined): void {
  const { script = "", command = [], args = [], env = [] } = container;
  const names = new Set([...common, ...env.map(({ name }) => name), ...(template?.env ?? []).map(({ name }) => name)]);
  const where = at(place, "script");
  let told = 0;
  for (const found of script.matchAll(/\$\((?<name>[A-Z_][A-Z0-9_]*)\)/gu)) {
    const name = found.groups?.["name"] ?? "";
    if (!names.has(name)) continue;
    say(
      where,
      "reference.misspelt",
      `in a script $(${name}) runs a command of that name; variables are replaced so only in args and env`,
      {
        span: spanOfText(where, script, { raw: found[0], start: found.index }),
        hint: `did you mean \${${name}}?`,
      },
    );
    if (++told === toldOfOneText) break;
  }
  const texts: readonly (readonly [Path, string])[] = [
    ...command.map((text, index) => [["command", index], text] as const),
    ...args.map((text, index) => [["args", index], text] as const),
  ];
  for (const [path, text] of texts) {
    // Before a name, a brace or a parenthesis it is the known way to keep Kubernetes from replacing something.
    const found = /(?<!\$)\$\$(?![$A-Za-z_{(])/u.exec(text);
    if (found === null) continue;
    const there = at(place, ...path);
    say(there, "shell.dollars", "Kubernetes turns $$ into $ here, before a shell sees it", {
      span: spanOfText(there, text, { raw: found[0], start: found.index }),
      hint: "write $$$$, or move the text into a script, which is left as it is",
    });
  }
}
