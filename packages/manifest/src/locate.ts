import { isAlias, isMap, isScalar, isSeq, type Alias, type ParsedNode } from "yaml";
import { type Path } from "./manifest-document.ts";
import { isMergeKey, keyOf } from "./value-tree.ts";

export interface Place {
  readonly key: ParsedNode | undefined;
  /** Null where a key has no value. */
  readonly value: ParsedNode | null;
  /** False if the path leads further than the document. */
  readonly complete: boolean;
}

/** The nodes a path leads to, or those of its nearest existing ancestor. */
export function locate(root: ParsedNode | null, targets: ReadonlyMap<Alias, ParsedNode>, path: Path): Place {
  let key: ParsedNode | undefined;
  let value = root;
  for (const part of path) {
    const step = childOf(follow(value, targets), part, targets);
    if (step === undefined) return { key, value, complete: false };
    key = step.key;
    value = step.value;
  }
  return { key, value, complete: true };
}

interface Step {
  readonly key: ParsedNode | undefined;
  readonly value: ParsedNode | null;
}

function childOf(
  node: ParsedNode | null,
  part: string | number,
  targets: ReadonlyMap<Alias, ParsedNode>,
): Step | undefined {
  if (isSeq(node)) {
    const item = typeof part === "number" ? node.items[part] : undefined;
    return item === undefined ? undefined : { key: undefined, value: item };
  }
  if (!isMap(node)) return undefined;
  const name = String(part);
  const own = node.items.findLast(({ key }) => !isMergeKey(key) && keyOf(key) === name);
  if (own !== undefined) return { key: own.key, value: own.value };
  for (const pair of node.items) {
    if (!isMergeKey(pair.key)) continue;
    const merged = follow(pair.value, targets);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const found = childOf(follow(source, targets), part, targets);
      if (found !== undefined && !isSeq(source)) return found;
    }
  }
  return undefined;
}

function follow(node: ParsedNode | null, targets: ReadonlyMap<Alias, ParsedNode>): ParsedNode | null {
  return isAlias(node) ? (targets.get(node) ?? node) : node;
}

/** Whether a node has text of its own: an absent value (`key:`) does not. */
export function isWritten(node: ParsedNode | null): node is ParsedNode {
  return node !== null && !(isScalar(node) && node.range[0] === node.range[1]);
}
