/**
 * A map of which every earlier version stays as it was, at the cost of a few small arrays a change: a hash trie of 32 branches a level.
 * Entries are told in the order in which their keys came in first.
 */
export class PersistentMap<K extends string, V> {
  readonly size: number;
  readonly #root: Node<K, V> | undefined;

  constructor(root?: Node<K, V>, size = 0) {
    this.#root = root;
    this.size = size;
  }

  get(key: K): V | undefined {
    return find(this.#root, key)?.value;
  }

  has(key: K): boolean {
    return find(this.#root, key) !== undefined;
  }

  with(key: K, value: V): PersistentMap<K, V> {
    const known = find(this.#root, key);
    const entry = { key, value, rank: known?.rank ?? this.size };
    const root = put(this.#root, hashOf(key), 0, entry);
    return new PersistentMap(root, known === undefined ? this.size + 1 : this.size);
  }

  *entries(): Generator<readonly [K, V]> {
    for (const { key, value } of this.#inOrder()) yield [key, value];
  }

  *keys(): Generator<K> {
    for (const { key } of this.#inOrder()) yield key;
  }

  *values(): Generator<V> {
    for (const { value } of this.#inOrder()) yield value;
  }

  [Symbol.iterator](): Generator<readonly [K, V]> {
    return this.entries();
  }

  #inOrder(): readonly Entry<K, V>[] {
    const found: Entry<K, V>[] = [];
    collect(this.#root, found);
    return found.sort((a, b) => a.rank - b.rank);
  }
}

interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
  readonly rank: number;
}

interface Branch<K, V> {
  /** Which of the 32 children there are; `children` holds those alone. */
  readonly bitmap: number;
  readonly children: readonly Node<K, V>[];
}

interface Leaf<K, V> {
  readonly hash: number;
  readonly entries: readonly Entry<K, V>[];
}

type Node<K, V> = Branch<K, V> | Leaf<K, V>;

function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

function find<K extends string, V>(root: Node<K, V> | undefined, key: K): Entry<K, V> | undefined {
  const hash = hashOf(key);
  let node = root;
  for (let shift = 0; node !== undefined && "children" in node; shift += 5) {
    const bit = bitOf(hash, shift);
    node = (node.bitmap & bit) === 0 ? undefined : node.children[indexOf(node.bitmap, bit)];
  }
  return node?.entries.find((each) => each.key === key);
}

function put<K, V>(node: Node<K, V> | undefined, hash: number, shift: number, entry: Entry<K, V>): Node<K, V> {
  if (node === undefined) return { hash, entries: [entry] };
  if (!("children" in node)) {
    if (node.hash === hash) return { hash, entries: [...node.entries.filter(({ key }) => key !== entry.key), entry] };
    return put({ bitmap: bitOf(node.hash, shift), children: [node] }, hash, shift, entry);
  }
  const bit = bitOf(hash, shift);
  const index = indexOf(node.bitmap, bit);
  const isThere = (node.bitmap & bit) !== 0;
  const child = put(isThere ? node.children[index] : undefined, hash, shift + 5, entry);
  return { bitmap: node.bitmap | bit, children: node.children.toSpliced(index, isThere ? 1 : 0, child) };
}

function bitOf(hash: number, shift: number): number {
  return 1 << ((hash >>> shift) & 31);
}

/** How many of the children stand before this one. */
function indexOf(bitmap: number, bit: number): number {
  let rest = bitmap & (bit - 1);
  rest -= (rest >>> 1) & 0x55555555;
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

function collect<K, V>(node: Node<K, V> | undefined, into: Entry<K, V>[]): void {
  if (node === undefined) return;
  if ("children" in node) for (const child of node.children) collect(child, into);
  else into.push(...node.entries);
}
