/**
 * A reference as upstream's validation sees it: by a prefix it asks for, up to the next closing parenthesis on the line.
 * Looser than `findReferences`, so that what upstream complains about is found too.
 */
export interface PrefixedReference {
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  /** All after the prefix, without notation: `foo`, `foo[*]`, `object.key`. */
  readonly whole: string;
  /** Without the second dotted component: `object` of `object.key`. */
  readonly name: string;
  /** More than two components after the prefix, which upstream refuses in the dotted notation. */
  readonly tooDeep: boolean;
}

/** How the name may follow the prefix, and what ends the reference then. */
const notations = [
  { opener: ".", closer: ")" },
  { opener: '["', closer: '"])' },
  { opener: "['", closer: "'])" },
] as const;

/** References with one of the prefixes (`params`, `context.taskRun`); upstream's `ExtractVariablesFromString`. */
export function findPrefixed(text: string, ...prefixes: readonly string[]): readonly PrefixedReference[] {
  const found: PrefixedReference[] = [];
  for (let start = 0; start < text.length;) {
    const lineBreak = text.indexOf("\n", start);
    const end = lineBreak === -1 ? text.length : lineBreak;
    const line = text.slice(start, end);
    if (line.includes("$(")) findInLine(line, start, prefixes, found);
    start = end + 1;
  }
  return found;
}

function findInLine(line: string, offset: number, prefixes: readonly string[], found: PrefixedReference[]): void {
  // Where each closer occurs last: a line without it is not searched again for every reference that lacks it.
  const lastClosers = notations.map(({ closer }) => line.lastIndexOf(closer));
  for (let at = line.indexOf("$("); at !== -1; at = line.indexOf("$(", at)) {
    const prefix = prefixes.find((each) => line.startsWith(each, at + 2));
    const reference = prefix === undefined ? undefined : prefixedAt(line, at, at + 2 + prefix.length, lastClosers);
    if (reference !== undefined) found.push({ ...reference, start: offset + at, end: offset + reference.end });
    at = reference?.end ?? at + 2;
  }
}

function prefixedAt(
  line: string,
  start: number,
  after: number,
  lastClosers: readonly number[],
): PrefixedReference | undefined {
  const form = notations.findIndex(({ opener }) => line.startsWith(opener, after));
  const notation = notations[form];
  if (notation === undefined) return undefined;
  const from = after + notation.opener.length;
  if ((lastClosers[form] ?? -1) < from) return undefined;
  const close = line.indexOf(notation.closer, from);
  const end = close + notation.closer.length;
  const whole = line.slice(from, close);
  const components = notation.opener === "." ? whole.split(".") : [whole];
  return { raw: line.slice(start, end), start, end, whole, name: components[0] ?? "", tooDeep: components.length > 2 };
}

/** Without any `[0]`, `[*]` or `[]`. */
export function trimIndex(name: string): string {
  return name.replaceAll(/\[[0-9]*\*?\]/gu, "");
}

/** Those that are none of the known names. */
export function unknownReferences(
  references: readonly PrefixedReference[],
  known: ReadonlySet<string>,
): readonly PrefixedReference[] {
  return references.filter((each) => !known.has(trimIndex(each.name)));
}

/** Those that name one of these in a place where it may not stand; an element by index may (upstream: Prohibited). */
export function prohibitedReferences(
  references: readonly PrefixedReference[],
  names: ReadonlySet<string>,
): readonly PrefixedReference[] {
  return references.filter((each) => names.has(withoutStar(each.name)));
}

/** Those that name one of these as a whole; an element by index or key may stand (upstream: EntireProhibited). */
export function wholeReferences(
  references: readonly PrefixedReference[],
  names: ReadonlySet<string>,
): readonly PrefixedReference[] {
  return references.filter((each) => names.has(withoutStar(each.whole)));
}

/** Those that name one of these with other text beside the first reference (upstream: VariableReferenceIsIsolated). */
export function unisolatedReferences(
  text: string,
  references: readonly PrefixedReference[],
  names: ReadonlySet<string>,
): readonly PrefixedReference[] {
  if (references[0]?.raw.length === text.length) return [];
  return prohibitedReferences(references, names);
}

function withoutStar(name: string): string {
  return name.endsWith("[*]") ? name.slice(0, -3) : name;
}
