import { type ContainerSpec, type VolumeName } from "@lapcat/engine";
import { findStepArtifacts, findStepResults, type StepResultReference } from "@lapcat/substitution";
import {
  artifactText,
  isArrayValue,
  readArtifacts,
  stepContainerName,
  valueInText,
  type WhenExpression,
} from "@lapcat/tekton";
import { type PlannedStep } from "./pod-plan.ts";

/** The texts of a step in which what the steps before it gave may be named. */
export interface LateTexts {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: ContainerSpec["env"];
  /** Only where it is all of the step's process: with arguments it is left as it is. */
  readonly script: { readonly volume: VolumeName; readonly path: string; readonly text: string } | undefined;
}

/** A step with what is known now that it is its turn. */
export interface SettledStep {
  /** What of its process differs from its container's. */
  readonly process: Partial<Pick<ContainerSpec, "command" | "args" | "env">>;
  readonly script: string | undefined;
  readonly when: readonly WhenExpression[];
  /** Why references were left as they are written; the step runs nevertheless. */
  readonly problems: readonly string[];
  /** Why the step cannot run. */
  readonly fault: string | undefined;
}

/** A text file below `/tekton/steps/<container>`; undefined when it is not there. */
export type ReadOfStep = (container: string, path: string) => Promise<string | undefined>;

/** Whether there is anything to settle. */
export function isLate({ command, args, env, script }: LateTexts, when: readonly WhenExpression[]): boolean {
  const texts = [...command, ...args, ...env.map(({ value }) => value), ...(script === undefined ? [] : [script.text])];
  const conditions = when.flatMap(({ input = "", values = [], cel = "" }) => [input, ...values, cel]);
  return (
    [...texts, ...conditions].some((text) => findStepResults(text).length > 0) ||
    texts.some((text) => findStepArtifacts(text).length > 0)
  );
}

/** Two passes, results before artifacts: a reference without a value ends its pass (entrypointer.go, applyStepResultSubstitutions). */
export async function settleStep({ late, when }: PlannedStep, read: ReadOfStep): Promise<SettledStep> {
  if (late === undefined) return { process: {}, script: undefined, when, problems: [], fault: undefined };
  const texts: Texts = { env: [...late.env], command: late.command, args: late.args, when, script: late.script?.text };
  const results: Pass = { read, problem: undefined };
  await passResults(texts, results);
  if (results.problem?.kind === "beyond-end")
    return { ...changes(late, texts), problems: [], fault: results.problem.message };
  const artifacts: Pass = { read, problem: undefined };
  await passArtifacts(texts, artifacts);
  const problems = [
    ...(results.problem === undefined ? [] : [`results of steps were not put in: ${results.problem.message}`]),
    ...(artifacts.problem === undefined ? [] : [`artifacts of steps were not put in: ${artifacts.problem.message}`]),
  ];
  return { ...changes(late, texts), problems, fault: undefined };
}

function changes(late: LateTexts, texts: Texts): Omit<SettledStep, "problems" | "fault"> {
  const differs = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);
  return {
    process: {
      ...(differs(late.command, texts.command) && { command: texts.command }),
      ...(differs(late.args, texts.args) && { args: texts.args }),
      ...(differs(late.env, texts.env) && { env: texts.env }),
    },
    script: texts.script === late.script?.text ? undefined : texts.script,
    when: texts.when,
  };
}

interface Texts {
  readonly env: ContainerSpec["env"][number][];
  command: readonly string[];
  args: readonly string[];
  when: readonly WhenExpression[];
  script: string | undefined;
}

interface Pass {
  readonly read: ReadOfStep;
  /** The first: nothing is put in after it. The entrypoint itself falls over an index beyond the end, and its TaskRun waits for its timeout. */
  problem: { readonly kind: "no-value" | "beyond-end"; readonly message: string } | undefined;
}

async function passResults(texts: Texts, pass: Pass): Promise<void> {
  for (const [index, { name, value }] of texts.env.entries()) {
    const replaced = await inText(value, pass);
    if (pass.problem !== undefined) return;
    texts.env[index] = { name, value: replaced };
  }
  const when = await all(texts.when, async (each) => ({
    ...each,
    ...(each.values !== undefined && { values: (await all(each.values, (value) => inItem(value, pass))).flat() }),
    ...(each.input !== undefined && { input: await inText(each.input, pass) }),
    ...(each.cel !== undefined && { cel: await inText(each.cel, pass) }),
  }));
  if (pass.problem !== undefined) return;
  texts.when = when;
  const command = (await all(texts.command, (text) => inItem(text, pass))).flat();
  const args = (await all(texts.args, (text) => inItem(text, pass))).flat();
  if (pass.problem === undefined) Object.assign(texts, { command, args });
}

/** The text that a reference stands for, or the elements of `[*]`; a value of another shape is as good as empty. */
async function valueOf(
  raw: string,
  reference: StepResultReference | undefined,
  pass: Pass,
): Promise<string | readonly string[]> {
  const none = (kind: "no-value" | "beyond-end", message: string): string => {
    pass.problem ??= { kind, message };
    return "";
  };
  if (reference === undefined) return none("no-value", `${raw} names no result of a step`);
  const { step, result, access } = reference;
  const text = await pass.read(stepContainerName(step, 0), `results/${result}`);
  if (text === undefined) return none("no-value", `there is no result ${raw}`);
  const value = valueInText(text);
  switch (access.kind) {
    case "whole":
      return typeof value === "string" ? value : "";
    case "elements":
      return isArrayValue(value) && value.length > 0 ? value : "";
    case "key":
      return typeof value === "string" || isArrayValue(value) ? "" : (value[access.key] ?? "");
    case "element": {
      const list = isArrayValue(value) ? value : [];
      const element = list[access.index];
      return element ?? none("beyond-end", `${raw}: index out of range [${access.index}] with length ${list.length}`);
    }
  }
}

async function inText(text: string, pass: Pass): Promise<string> {
  let replaced = text;
  for (const { raw, reference } of findStepResults(text)) {
    const value = await valueOf(raw, reference, pass);
    replaced = replaced.replaceAll(raw, () => (typeof value === "string" ? value : ""));
  }
  return replaced;
}

/** An item of a list: `[*]` and nothing else becomes the elements. */
async function inItem(text: string, pass: Pass): Promise<readonly string[]> {
  let replaced = text;
  for (const { raw, reference } of findStepResults(text)) {
    const value = await valueOf(raw, reference, pass);
    if (typeof value === "string") replaced = replaced.replaceAll(raw, () => value);
    else if (text === raw) return value;
    else pass.problem ??= { kind: "no-value", message: `${raw} is a list, and other text stands beside it` };
  }
  return [replaced];
}

async function passArtifacts(texts: Texts, pass: Pass): Promise<void> {
  if (texts.script === undefined) {
    const command = await all(texts.command, (text) => withArtifacts(text, pass));
    const args = await all(texts.args, (text) => withArtifacts(text, pass));
    if (pass.problem !== undefined) return;
    Object.assign(texts, { command, args });
  } else {
    const script = await withArtifacts(texts.script, pass);
    if (pass.problem !== undefined) return;
    texts.script = script;
  }
  for (const [index, { name, value }] of texts.env.entries()) {
    const replaced = await withArtifacts(value, pass);
    if (pass.problem !== undefined) return;
    texts.env[index] = { name, value: replaced };
  }
}

async function withArtifacts(text: string, pass: Pass): Promise<string> {
  let replaced = text;
  for (const { raw, step, direction, name } of findStepArtifacts(text)) {
    const written = await pass.read(stepContainerName(step, 0), "artifacts/provenance.json");
    const artifact =
      written === undefined
        ? undefined
        : readArtifacts(written)?.[direction].find((each) => (each.name ?? "") === name);
    if (artifact === undefined) pass.problem ??= { kind: "no-value", message: `there is no artifact ${raw}` };
    else replaced = replaced.replaceAll(raw, () => artifactText(artifact));
  }
  return replaced;
}

/** One after the other: the first that has no value is the one that is told. */
async function all<T, U>(list: readonly T[], make: (item: T) => Promise<U>): Promise<U[]> {
  const made: U[] = [];
  for (const item of list) made.push(await make(item));
  return made;
}
