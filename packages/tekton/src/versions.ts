import { versionChanges, type VersionChangeName } from "./version-changes.ts";

/** A minor release of Tekton Pipelines; patch releases change nothing that is followed here. */
export interface TektonVersion {
  readonly major: number;
  readonly minor: number;
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
  const since = readVersion(versionChanges[change].since);
  if (typeof since === "string") throw new Error(`the table of changes names the version ${since}`);
  return !isBefore(version, since);
}

/** Tekton's mark on messages about what a user can mend. */
export function userError(message: string, version: TektonVersion | undefined): string {
  return isAfter("user-errors-marked", version) ? `[User error] ${message}` : message;
}

export function isBefore(one: TektonVersion, other: TektonVersion): boolean {
  return one.major === other.major ? one.minor < other.minor : one.major < other.major;
}
