import { versionChanges, type VersionChangeName, type VersionFlag } from "./version-changes.ts";

/** A minor release of Tekton Pipelines; patch releases change nothing that is followed here. */
export interface TektonVersion {
  readonly major: number;
  readonly minor: number;
  /** What the cluster's flags say of changes, where the version lets them. */
  readonly flagged?: Readonly<Partial<Record<VersionChangeName, boolean>>>;
}

export const newestVersion: TektonVersion = { major: 1, minor: 15 };
export const oldestVersion: TektonVersion = { major: 0, minor: 15 };
/** After it came v1.0. */
const lastOfZero = 70;

export type ReadVersion = TektonVersion | "too-old" | "too-new" | "unreadable";

/** `v0.15.2`, `0.44`, `v1.0`. */
export function readVersion(text: string): ReadVersion {
  const match = /^v?(?<major>\d{1,3})\.(?<minor>\d{1,3})(?:\.\d+)?$/u.exec(text)?.groups;
  if (match === undefined) return "unreadable";
  const version = { major: Number(match["major"]), minor: Number(match["minor"]) };
  if (isBefore(version, oldestVersion)) return "too-old";
  if (isBefore(newestVersion, version)) return "too-new";
  return version.major === 0 && version.minor > lastOfZero ? "unreadable" : version;
}

export function versionText({ major, minor }: TektonVersion): string {
  return `v${major}.${minor}`;
}

/** Whether this version behaves as the change made it; no version is the newest. */
export function isAfter(change: VersionChangeName, version: TektonVersion | undefined): boolean {
  if (version === undefined) return true;
  return version.flagged?.[change] ?? !isBefore(version, known(versionChanges[change].since));
}

/** The keys of `feature-flags` that a version had for what changed since. */
export function flagsOfVersion(version: TektonVersion | undefined): readonly string[] {
  return Object.values(versionChanges).flatMap(({ flags = [] }) =>
    flags.filter((flag) => flag.values === undefined && isHad(flag, version)).map(({ key }) => key),
  );
}

/** The version as a cluster with these flags behaves. */
export function withFlags(version: TektonVersion, settings: Readonly<Record<string, string>>): TektonVersion {
  const flagged = Object.entries(versionChanges).flatMap(([change, { flags = [] }]) =>
    flags.flatMap(({ values = ["1", "t", "true"], ...flag }): readonly (readonly [string, boolean])[] => {
      const value = settings[flag.key];
      return value === undefined || !isHad(flag, version) ? [] : [[change, values.includes(value.toLowerCase())]];
    }),
  );
  return flagged.length === 0 ? version : { ...version, flagged: Object.fromEntries(flagged) };
}

function isHad({ since, last }: Pick<VersionFlag, "since" | "last">, version: TektonVersion | undefined): boolean {
  return version !== undefined && !isBefore(version, known(since)) && !isBefore(known(last), version);
}

/** A version of our own tables. */
function known(text: string): TektonVersion {
  const version = readVersion(text);
  if (typeof version === "string") throw new Error(`${text} is no version of Tekton`);
  return version;
}

/** Tekton's mark on messages about what a user can mend. */
export function userError(message: string, version: TektonVersion | undefined): string {
  return isAfter("user-errors-marked", version) ? `[User error] ${message}` : message;
}

export function isBefore(one: TektonVersion, other: TektonVersion): boolean {
  return one.major === other.major ? one.minor < other.minor : one.major < other.major;
}
