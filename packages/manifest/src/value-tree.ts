import { isAlias, isMap, isScalar, type Alias, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { maxDepth, maxSize } from "./limits.ts";
import { type Json } from "./manifest-document.ts";
import { resolvePlain, type ScalarValue } from "./scalar.ts";

/** A problem in a tree that is well-formed YAML, at offsets of the text. */
export interface TreeProblem {
  readonly code: "yaml.syntax" | "yaml.alias" | "yaml.key";
  readonly message: string;
  readonly hint?: string;
  readonly start: number;
  readonly end: number;
}

export interface ValueTree {
  readonly value: Json;
  readonly problems: readonly TreeProblem[];
  /** Nothing is wrong with the text; it may not mean what its author means. */
  readonly surprises: readonly TreeProblem[];
  /** What each alias stands for, for those who walk the nodes later. */
  readonly targets: ReadonlyMap<Alias, ParsedNode>;
  readonly exactIntegers: ReadonlyMap<object, ReadonlyMap<string | number, string>>;
}

interface Built {
  readonly value: Json;
  /** Text and structure with aliases expanded, in characters: what would have to be written without aliases. */
  readonly weight: number;
  readonly depth: number;
  /** Digits of an integer that `value` only approximates. */
  readonly digits?: string;
}

type Mutable = Record<string, Json>;

const nothing: Built = { value: null, weight: 8, depth: 0 };
const tagPrefix = "tag:yaml.org,2002:";

/**
 * The value of a document as sigs.k8s.io/yaml sees it. Objects have no prototype, so that no key is special.
 * What an alias stands for is built once and shared: aliases cost no memory, and `weight` says what they would expand to.
 */
export function buildTree(root: ParsedNode | null): ValueTree {
  const problems: TreeProblem[] = [];
  const surprises: TreeProblem[] = [];
  const targets = new Map<Alias, ParsedNode>();
  const exactIntegers = new Map<object, Map<string | number, string>>();
  const anchors = new Map<string, { readonly node: ParsedNode; built?: Built }>();
  let tooHeavy = false;

  const problem = (node: ParsedNode, message: string, code: TreeProblem["code"] = "yaml.syntax"): Built => {
    problems.push({ code, message, start: node.range[0], end: node.range[1] });
    return nothing;
  };

  const build = (node: ParsedNode | null): Built => {
    if (node === null) return nothing;
    if (isAlias(node)) return buildAlias(node);
    const name = node.anchor;
    if (name === undefined) return buildContent(node);
    const anchor: { readonly node: ParsedNode; built?: Built } = { node };
    anchors.set(name, anchor);
    anchor.built = buildContent(node);
    return anchor.built;
  };

  const buildAlias = (alias: Alias.Parsed): Built => {
    const anchor = anchors.get(alias.source);
    if (anchor === undefined) return problem(alias, `the alias *${alias.source} has no anchor before it`);
    targets.set(alias, anchor.node);
    if (anchor.built === undefined) return problem(alias, `the anchor &${alias.source} contains itself`, "yaml.alias");
    return anchor.built;
  };

  const buildContent = (node: Exclude<ParsedNode, Alias.Parsed>): Built => {
    if (isScalar(node)) return buildScalar(node);
    const built = isMap(node) ? buildMap(node) : buildList(node);
    if (tooHeavy) return nothing;
    if (built.weight > maxSize) {
      tooHeavy = true;
      return problem(node, `aliases expand this to more than ${maxSize / 1024 / 1024} MiB`, "yaml.alias");
    }
    if (built.depth > maxDepth)
      return problem(node, `aliases nest this more than ${maxDepth} levels deep`, "yaml.alias");
    return built;
  };

  const buildScalar = (node: Scalar.Parsed): Built => {
    const text = typeof node.value === "string" ? node.value : "";
    const resolved = resolveScalar(node, text);
    if (resolved === undefined) return problem(node, `this is not a ${shortTag(node.tag)}`);
    const weight = 8 + text.length;
    if (typeof resolved === "bigint") {
      const value = Number(resolved);
      // Beyond 64 bits with a sign a cluster keeps a float, just as we do.
      const isExact = Number.isSafeInteger(value) || resolved !== BigInt.asIntN(64, resolved);
      return isExact ? { value, weight, depth: 0 } : { value, weight, depth: 0, digits: String(resolved) };
    }
    if (typeof resolved === "number" && !Number.isFinite(resolved)) return problem(node, "JSON has no such number");
    return { value: resolved, weight, depth: 0 };
  };

  const remember = (container: object, key: string | number, digits: string | undefined): void => {
    if (digits === undefined) return;
    const known = exactIntegers.get(container);
    if (known === undefined) exactIntegers.set(container, new Map([[key, digits]]));
    else known.set(key, digits);
  };

  const buildList = (node: YAMLSeq.Parsed): Built => {
    const value: Json[] = [];
    let weight = 8;
    let depth = 0;
    for (const item of node.items) {
      const built = build(item);
      remember(value, value.length, built.digits);
      value.push(built.value);
      weight += built.weight;
      depth = Math.max(depth, built.depth);
    }
    return { value, weight, depth: depth + 1 };
  };

  const buildMap = (node: YAMLMap.Parsed): Built => {
    const value = Object.create(null) as Mutable;
    const own = new Set<string>();
    let weight = 8;
    let depth = 0;
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) {
        const merged = build(pair.value);
        weight += merged.weight;
        depth = Math.max(depth, merged.depth - 1);
        if (!mergeInto(value, own, merged.value)) {
          problem(pair.value ?? pair.key, "a merge key (<<) takes a mapping or a list of mappings");
        }
        continue;
      }
      const key = keyOf(pair.key);
      if (key === undefined) {
        problem(pair.key, "a key has to be a string, a number or a boolean; text that begins with { has to be quoted");
        continue;
      }
      if (isScalar(pair.key) && pair.key.anchor !== undefined) build(pair.key);
      if (own.has(key)) surprises.push(keyAgain(pair.key, key));
      if (isScalar(pair.key) && pair.key.value !== key) surprises.push(otherKey(pair.key, key));
      own.add(key);
      const built = build(pair.value);
      value[key] = built.value;
      exactIntegers.get(value)?.delete(key);
      remember(value, key, built.digits);
      weight += built.weight + key.length;
      depth = Math.max(depth, built.depth);
    }
    return { value, weight, depth: depth + 1 };
  };

  /** Keys written in the mapping itself win over merged ones, earlier merged mappings over later. */
  const mergeInto = (value: Mutable, own: ReadonlySet<string>, merged: Json): boolean => {
    const sources: readonly Json[] = Array.isArray(merged) ? (merged as readonly Json[]) : [merged];
    for (const source of sources) {
      if (source === null || typeof source !== "object" || Array.isArray(source)) return false;
      for (const [key, item] of Object.entries(source)) {
        if (own.has(key) || key in value) continue;
        value[key] = item;
        remember(value, key, exactIntegers.get(source)?.get(key));
      }
    }
    return true;
  };

  const value = build(root).value;
  return { value, problems, surprises, targets, exactIntegers };
}

/** A bare `y` is a boolean to YAML 1.1, and `0755` a number: as keys they become another text. */
function otherKey({ value, range }: Scalar.Parsed, key: string): TreeProblem {
  const text = String(value);
  const message = `the key ${text} is read as ${JSON.stringify(key)}`;
  return { code: "yaml.key", message, hint: `put it in quotes: "${text}"`, start: range[0], end: range[1] };
}

/** YAML forbids it, and Go's decoder takes the later. */
function keyAgain({ range }: ParsedNode, key: string): TreeProblem {
  const message = `the key ${JSON.stringify(key)} occurs twice in this mapping: the later counts`;
  return { code: "yaml.key", message, hint: "remove one of the two", start: range[0], end: range[1] };
}

/** The text of a key, as Go's map conversion writes it; undefined for what cannot be one. */
export function keyOf(node: ParsedNode | null): string | undefined {
  if (!isScalar(node) || typeof node.value !== "string") return undefined;
  const resolved = resolveScalar(node, node.value);
  return resolved === null || resolved === undefined ? undefined : String(resolved);
}

export function isMergeKey(node: ParsedNode | null): boolean {
  if (!isScalar(node) || node.value !== "<<") return false;
  return node.tag === `${tagPrefix}merge` || (node.tag === undefined && node.type === "PLAIN");
}

/** Undefined where the tag asks for what the text is not. */
function resolveScalar(node: Scalar.Parsed, text: string): ScalarValue | undefined {
  const tag = node.tag;
  if (tag === undefined) return node.type === "PLAIN" ? resolvePlain(text) : text;
  const resolved = resolvePlain(text);
  switch (shortTag(tag)) {
    case "!!null":
      return resolved === null ? null : undefined;
    case "!!bool":
      return typeof resolved === "boolean" ? resolved : undefined;
    case "!!int":
      return typeof resolved === "bigint" ? resolved : undefined;
    case "!!float":
      if (typeof resolved === "bigint") return Number(resolved);
      return typeof resolved === "number" ? resolved : undefined;
    case "!!binary":
      return undefined;
    default:
      return text;
  }
}

function shortTag(tag: string | undefined): string {
  if (tag === `${tagPrefix}binary`) return "!!binary";
  return tag?.replace(tagPrefix, "!!") ?? "";
}
