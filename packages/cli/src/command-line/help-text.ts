import { type Argument, type Command, type Option } from "commander";

/** What commander objects to, in the form of every other message. */
export function usageText(text: string): string {
  return text
    .replace(/^error: /u, "error[usage] ")
    .replace(/ argument '(.*)' is invalid\. /u, " cannot be '$1': ")
    .replace(/command-argument value '(.*)' is invalid for argument '(.*)'\. /u, "argument '$2' cannot be '$1': ")
    .replace(/\n\((Did you mean .*)\)/u, "\n hint: $1");
}

/** What may be given, and what holds when nothing is; not that a switch is off or a list empty. */
export function descriptionOf({ description, argChoices, defaultValue, envVar }: Option): string {
  const extra = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(", ")}`]),
    ...(typeof defaultValue === "string" || typeof defaultValue === "number" ? [`default ${defaultValue}`] : []),
    ...(envVar === undefined ? [] : [`or $${envVar}`]),
  ];
  return extra.length === 0 ? description : `${description} (${extra.join("; ")})`;
}

export function argumentText({ description, argChoices }: Argument): string {
  return argChoices === undefined ? description : `${description} (one of ${argChoices.join(", ")})`;
}

export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

/** In the list of commands; what each is given stands in its own help. */
export function nameOf(command: Command): string {
  return [command.name(), ...command.aliases()].join(", ");
}
