import { type Replacements, type Value } from "./replace.ts";

export const noReplacements: Replacements = { strings: new Map(), arrays: new Map(), objects: new Map() };

/** Replacements of plain texts: `{ "context.taskRun.name": "run" }`. */
export function stringReplacements(strings: Readonly<Record<string, string>>): Replacements {
  return { ...noReplacements, strings: new Map(Object.entries(strings)) };
}

/** The ways to write a name after a prefix: `params.x`, `params["x"]`, `params['x']`. */
export function notations(prefix: string, name: string): readonly string[] {
  return [`${prefix}.${name}`, `${prefix}[${JSON.stringify(name)}]`, `${prefix}['${name}']`];
}

/** Every way to name a param. A Task also knows `inputs.params.x`, which is older than v1beta1; a Pipeline does not. */
export function paramReplacements(
  params: Iterable<{ readonly name: string; readonly value: Value }>,
  scope: "task" | "pipeline",
): Replacements {
  return mergeReplacements(
    ...Array.from(params, ({ name, value }) => {
      const keys = [...notations("params", name), ...(scope === "task" ? [`inputs.params.${name}`] : [])];
      return ofValue(keys, value, (key) => [`params.${name}.${key}`]);
    }),
  );
}

/** Every way to name a result: `tasks.t.results.r`, `steps.s.results.r`. */
export function resultReplacements(
  from: "tasks" | "finally" | "steps",
  owner: string,
  result: string,
  value: Value,
): Replacements {
  const [dotted = "", ...bracketed] = notations(`${from}.${owner}.results`, result);
  return ofValue([dotted, ...bracketed], value, (key) => [
    `${dotted}.${key}`,
    // Upstream writes the key of a bracketed result without quotes.
    ...bracketed.map((name) => `${name}[${key}]`),
  ]);
}

/** Several sets as one; of equal keys the last counts. */
export function mergeReplacements(...sets: readonly Replacements[]): Replacements {
  const [only] = sets;
  if (only !== undefined && sets.length === 1) return only;
  return {
    strings: new Map(sets.flatMap((set) => [...set.strings])),
    arrays: new Map(sets.flatMap((set) => [...set.arrays])),
    objects: new Map(sets.flatMap((set) => [...set.objects])),
  };
}

function ofValue(keys: readonly string[], value: Value, keyed: (key: string) => readonly string[]): Replacements {
  if (typeof value === "string") return { ...noReplacements, strings: new Map(keys.map((key) => [key, value])) };
  if (isList(value)) {
    const strings = keys.flatMap((key) => value.map((text, index) => [`${key}[${index}]`, text] as const));
    return { ...noReplacements, strings: new Map(strings), arrays: new Map(keys.map((key) => [key, value])) };
  }
  const strings = Object.entries(value).flatMap(([key, text]) => keyed(key).map((name) => [name, text] as const));
  return { ...noReplacements, strings: new Map(strings), objects: new Map(keys.map((key) => [key, value])) };
}

function isList(value: Value): value is readonly string[] {
  return Array.isArray(value);
}
