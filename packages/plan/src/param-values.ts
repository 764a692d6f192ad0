import {
  findExpressions,
  mergeReplacements,
  paramReplacements,
  replace,
  type Replacements,
} from "@lapcat/substitution";
import {
  isAfter,
  isArrayValue,
  type Param,
  type ParamSpec,
  type ParamType,
  type ParamValue,
  type TektonVersion,
  typeOfValue,
} from "@lapcat/tekton";
import { textsOf } from "./result-reference.ts";

export function typeOfParam({ type, properties, default: value }: ParamSpec): ParamType {
  if (type !== undefined) return type;
  if (properties !== undefined) return "object";
  return value === undefined ? "string" : typeOfValue(value);
}

export type PipelineParams =
  | { readonly kind: "known"; readonly values: readonly Param[] }
  | { readonly kind: "circle"; readonly names: readonly string[] }
  /** The default of `param`, a text, names what has no value when defaults are read. */
  | { readonly kind: "unknown"; readonly param: string; readonly expression: string };

/** A Pipeline's params: the run's, then the defaults, which may name one another; an object's default gives the keys the run leaves out. */
export function pipelineParams(
  specs: readonly ParamSpec[],
  given: readonly Param[],
  tekton?: TektonVersion,
): PipelineParams {
  const values = new Map(given.map(({ name, value }) => [name, value]));
  const defaults = new Map(
    specs.flatMap(({ name, default: value }) => (value === undefined || values.has(name) ? [] : [[name, value]])),
  );
  if (!isAfter("defaults-name-params", tekton)) for (const [name, value] of defaults) values.set(name, value);
  const path: string[] = [];
  const resolve = (name: string): readonly string[] | undefined => {
    const value = defaults.get(name);
    if (value === undefined || values.has(name)) return undefined;
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    path.push(name);
    for (const other of paramsNamedIn(value)) {
      const circle = resolve(other);
      if (circle !== undefined) return circle;
    }
    path.pop();
    values.set(name, replaceTexts(value, paramReplacements(listOf(values), "pipeline")));
    return undefined;
  };
  const ofRun = paramReplacements(given, "pipeline").strings;
  for (const [param, value] of isAfter("defaults-name-params", tekton) ? defaults : []) {
    if (typeof value !== "string") continue;
    // A text takes the run's values and other texts' defaults; the defaults of lists and objects are read after it.
    const expression = findExpressions(value).find(
      (each) => each.startsWith("params.") && !ofRun.has(each) && typeof defaults.get(each.slice(7)) !== "string",
    );
    if (expression !== undefined) return { kind: "unknown", param, expression };
  }
  for (const name of defaults.keys()) {
    const names = resolve(name);
    if (names !== undefined) return { kind: "circle", names };
  }
  for (const { name, default: value } of specs) {
    const own = values.get(name);
    if (isObject(own) && isObject(value)) values.set(name, { ...value, ...own });
  }
  return { kind: "known", values: listOf(values) };
}

/** A TaskRun's params: those passed over the Task's defaults (getTaskParameters). One without a value is not among them. */
export function taskParams(specs: readonly ParamSpec[], passed: readonly Param[]): readonly Param[] {
  const values = new Map(taskDefaults(specs));
  for (const { name, value } of passed) {
    const before = values.get(name);
    values.set(name, isObject(before) && isObject(value) ? { ...before, ...value } : value);
  }
  return listOf(values);
}

/**
 * What a TaskRun's params put in. A default's elements and keys stay where the value that was passed has none: one of another type, as a text that
 * names what is not known, or fewer of them (getTaskParameters).
 */
export function taskReplacements(specs: readonly ParamSpec[], passed: readonly Param[]): Replacements {
  const values = paramReplacements(taskParams(specs, passed), "task");
  return passed.length === 0 ? values : mergeReplacements(paramReplacements(taskParams(specs, []), "task"), values);
}

const dotted = /\$\(params(?:\.(?<name>[^\n]*?)|\["[^\n]*?"\]|\['[^\n]*?'\])\)/gu;

/**
 * What a Task's defaults come to. A text that names params in dots takes plain defaults, and those of such texts before it: of its
 * references the last that is known is replaced, and no other; where none is known the param has no value (replacementsFromDefaultParams).
 */
function taskDefaults(specs: readonly ParamSpec[]): ReadonlyMap<string, ParamValue> {
  const given = specs.flatMap(({ name, default: value }) => (value === undefined ? [] : [{ name, value }]));
  const isPlain = ({ value }: Param): boolean => typeof value !== "string" || !value.includes("$(params.");
  const values = new Map(given.filter(isPlain).map(({ name, value }) => [name, value]));
  for (const { name, value } of given) {
    if (typeof value !== "string" || isPlain({ name, value })) continue;
    const { strings } = paramReplacements(listOf(values), "task");
    const known = Array.from(value.matchAll(dotted), ([raw, of = ""]) => ({ raw, text: strings.get(`params.${of}`) }));
    const last = known.findLast(({ text }) => text !== undefined);
    if (last?.text !== undefined) values.set(name, value.split(last.raw).join(last.text));
  }
  return values;
}

export function isObject(value: ParamValue | undefined): value is Readonly<Record<string, string>> {
  return value !== undefined && typeof value !== "string" && !isArrayValue(value);
}

function listOf(values: ReadonlyMap<string, ParamValue>): readonly Param[] {
  return Array.from(values, ([name, value]) => ({ name, value }));
}

function paramsNamedIn(value: ParamValue): readonly string[] {
  return textsOf(value)
    .flatMap(findExpressions)
    .flatMap((expression) => /^params\.(?<name>[^.[]+)/u.exec(expression)?.groups?.["name"] ?? []);
}

function replaceTexts(value: ParamValue, replacements: Replacements): ParamValue {
  if (typeof value === "string") return replace(value, replacements);
  if (isArrayValue(value)) return value.map((each) => replace(each, replacements));
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replace(each, replacements)]));
}
