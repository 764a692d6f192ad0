import { type Random } from "./random.ts";

type Container = Record<string, unknown> | unknown[];

/** Values that stand where others are expected. */
const strangers: readonly (() => unknown)[] = [
  () => null,
  () => true,
  () => 0,
  () => -1.5,
  () => 1e308,
  () => "",
  () => "x",
  () => "$(params.a",
  () => "$(params.x[*])$(tasks.a.results.b[9999999999])$(steps..results)",
  () => "$(".repeat(500),
  () => "🙈\u2028\ufeff",
  () => "__proto__",
  () => [],
  () => {
    return {};
  },
  () => [[[]]],
  () => {
    return { name: { name: [] } };
  },
  () => ["constructor", null, 1],
  () =>
    JSON.parse('{"__proto__": {"steps": []}, "constructor": 1, "toString": "x", "hasOwnProperty": null}') as unknown,
];

const strangeKeys: readonly string[] = [
  "__proto__",
  "constructor",
  "toString",
  "",
  "name",
  "steps",
  "taskRef",
  "taskSpec",
  "params",
  "value",
  "spec",
  "$ref",
  "a.b[0]",
  "~1",
  "🙈",
  "Name",
  "matrix",
  "when",
  "pipelineSpec",
  "default",
  "type",
];

/** A value with something in it changed: a key deleted, renamed, retyped, doubled or moved, an item dropped or repeated. */
export function mutated(value: unknown, random: Random): unknown {
  const copy = structuredClone(value);
  const rounds = 1 + random.below(3);
  for (let round = 0; round < rounds; round++) mutate(copy, random);
  return copy;
}

function mutate(root: unknown, random: Random): void {
  const containers = containersIn(root);
  if (containers.length === 0) return;
  const container = random.pick(containers);
  const keys = Object.keys(container);
  const set = (key: string, item: unknown): void => {
    Object.defineProperty(container, key, { value: item, enumerable: true, configurable: true, writable: true });
  };
  if (keys.length === 0) {
    set(Array.isArray(container) ? "0" : random.pick(strangeKeys), random.pick(strangers)());
    return;
  }
  const key = random.pick(keys);
  const item = (container as Record<string, unknown>)[key];
  switch (random.below(8)) {
    case 0:
      if (Array.isArray(container)) container.splice(Number(key), 1);
      else delete container[key];
      return;
    case 1:
      if (Array.isArray(container)) return container.reverse() as unknown as void;
      delete container[key];
      return set(random.pick(strangeKeys), item);
    case 2:
      return set(key, random.pick(strangers)());
    case 3:
      return set(key, [item, structuredClone(item)]);
    case 4:
      return set(key, { [random.pick(strangeKeys)]: item });
    case 5:
      return set(key, structuredClone(random.pick(containers)));
    case 6:
      if (Array.isArray(container)) container.push(structuredClone(item));
      else set(random.pick(strangeKeys), structuredClone(item));
      return;
    default:
      if (typeof item !== "string") return set(key, random.pick(strangers)());
      return set(key, mutatedText(item, random));
  }
}

function containersIn(value: unknown): readonly Container[] {
  if (typeof value !== "object" || value === null) return [];
  return [value as Container, ...Object.values(value).flatMap(containersIn)];
}

const snippets: readonly string[] = [
  "\0",
  "\t",
  "\r",
  "\n---\n",
  "\n...\n",
  "&a ",
  "*a",
  "<<: *a\n",
  "!!binary ",
  "{",
  "}",
  "[",
  "]",
  "'",
  '"',
  "|",
  ">",
  "%YAML 9.9\n",
  "? ",
  ": ",
  "- ",
  "#",
  "\ud800",
  "\ufffd",
  "\u0085",
  "\u001b[31m",
  "$(",
  ")",
  "$(params.",
  "__proto__: ",
  "0x1G",
  "1e999",
  "~",
  "\ufeff",
  "  ",
];

/** A text with a few characters cut out, put in, or moved. */
export function mutatedText(text: string, random: Random): string {
  let result = text;
  for (let round = random.below(4); round >= 0; round--) {
    const at = random.below(result.length + 1);
    const length = random.below(12);
    const piece =
      random.below(3) === 0
        ? result.slice(random.below(result.length + 1)).slice(0, random.below(40))
        : random.pick(snippets);
    result = result.slice(0, at) + piece + result.slice(at + length);
  }
  return result;
}
