/** A version in parts, as hashicorp/go-version has them; at least three segments. */
export interface Version {
  readonly segments: readonly bigint[];
  /** How many segments were written. */
  readonly written: number;
  readonly prerelease: string;
  readonly metadata: string;
}

const word = "[0-9A-Za-z~-]+";
const versionForm = new RegExp(
  [
    String.raw`^v?(?<segments>\d+(?:\.\d+)*?)`,
    String.raw`(?:-(?<numbered>\d[0-9A-Za-z~-]*(?:\.${word})*)|-?(?<named>[A-Za-z~-][0-9A-Za-z~-]*(?:\.${word})*))?`,
    String.raw`(?:\+(?<metadata>${word}(?:\.${word})*))?$`,
  ].join(""),
  "u",
);
const largest = 2n ** 63n - 1n;

export function parseVersion(text: string): Version | undefined {
  const parts = text.length > 256 ? undefined : versionForm.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const segments = (parts["segments"] ?? "").split(".").map(BigInt);
  if (segments.some((each) => each > largest)) return undefined;
  const padding = Array.from({ length: Math.max(0, 3 - segments.length) }, () => 0n);
  return {
    segments: [...segments, ...padding],
    written: segments.length,
    prerelease: parts["named"] ?? parts["numbered"] ?? "",
    metadata: parts["metadata"] ?? "",
  };
}

/** `1.2.0-rc.1+build`: all its segments, without leading zeros. */
export function formatVersion({ segments, prerelease, metadata }: Version): string {
  return segments.join(".") + (prerelease === "" ? "" : `-${prerelease}`) + (metadata === "" ? "" : `+${metadata}`);
}

/** Negative where the first is the older. */
export function compareVersions(one: Version, other: Version): number {
  const length = Math.max(one.segments.length, other.segments.length);
  for (let at = 0; at < length; at++) {
    const [left = 0n, right = 0n] = [one.segments[at], other.segments[at]];
    if (left !== right) return left < right ? -1 : 1;
  }
  // `1.0.0.0-rc` and `1.0.0` count as the same: pre-releases are compared between versions of one length only.
  if (one.segments.length !== other.segments.length || one.prerelease === other.prerelease) return 0;
  if (one.prerelease === "") return 1;
  return other.prerelease === "" ? -1 : comparePrereleases(one.prerelease.split("."), other.prerelease.split("."));
}

function comparePrereleases(one: readonly string[], other: readonly string[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at++) {
    const order = compareWords(one[at] ?? "", other[at] ?? "");
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers come before words; that a part is missing comes before a number and after a word. */
function compareWords(one: string, other: string): number {
  if (one === other) return 0;
  const [left, right] = [numberOf(one), numberOf(other)];
  if (one === "") return right === undefined ? 1 : -1;
  if (other === "") return left === undefined ? -1 : 1;
  if (left !== undefined && right !== undefined) return left > right ? 1 : -1;
  if (left !== undefined || right !== undefined) return left !== undefined ? -1 : 1;
  return one > other ? 1 : -1;
}

function numberOf(text: string): bigint | undefined {
  if (!/^-?\d+$/u.test(text)) return undefined;
  const value = BigInt(text);
  return value > largest || value < -largest - 1n ? undefined : value;
}

/** Whether a version is one that was asked for. */
export type Constraint = (version: Version) => boolean;

const constraintForm = /^\s*(?<operator><=|>=|!=|~>|<|>|=|)\s*(?<version>\S+)\s*$/u;

/** `>= 0.5.0, < 1`: one or more, all of which must hold; without an operator the version itself. */
export function parseConstraint(text: string): Constraint | undefined {
  const all = text.split(",").map(parseOne);
  return all.every((each) => each !== undefined) ? (version) => all.every((holds) => holds(version)) : undefined;
}

function parseOne(text: string): Constraint | undefined {
  const parts = text.length > 512 ? undefined : constraintForm.exec(text)?.groups;
  const wanted = parseVersion(parts?.["version"] ?? "");
  if (wanted === undefined) return undefined;
  switch (parts?.["operator"] ?? "") {
    case "!=":
      return (version) => compareVersions(version, wanted) !== 0;
    case ">":
      return (version) => isComparable(version, wanted) && compareVersions(version, wanted) > 0;
    case "<":
      return (version) => isComparable(version, wanted) && compareVersions(version, wanted) < 0;
    case ">=":
      return (version) => isComparable(version, wanted) && compareVersions(version, wanted) >= 0;
    case "<=":
      return (version) => isComparable(version, wanted) && compareVersions(version, wanted) <= 0;
    case "~>":
      return (version) => isNear(version, wanted);
    default:
      return (version) => compareVersions(version, wanted) === 0;
  }
}

/** A pre-release is only ever meant by a pre-release of the same segments. */
function isComparable(version: Version, wanted: Version): boolean {
  if (version.prerelease === "") return true;
  return (
    wanted.prerelease !== "" &&
    version.segments.length === wanted.segments.length &&
    version.segments.every((each, at) => each === wanted.segments[at])
  );
}

/** `~> 1.2.3` lets only the last segment that is written grow; so do `~> 1.2` and `~> 1`, at or above them. */
function isNear(version: Version, wanted: Version): boolean {
  if (!isComparable(version, wanted) || (wanted.prerelease !== "" && version.prerelease === "")) return false;
  if (compareVersions(version, wanted) < 0 || wanted.segments.length > version.segments.length) return false;
  const last = wanted.segments.length - 1;
  return (
    wanted.segments.slice(0, wanted.written - 1).every((each, at) => each === version.segments[at]) &&
    (version.segments[last] ?? 0n) >= (wanted.segments[last] ?? 0n)
  );
}
