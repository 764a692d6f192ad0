/** What a Pod of an older Tekton had that a newer one has not. */
export interface TektonProfile {
  /** Up to v0.31 a script without `#!` ran under `set -xe`: its commands are printed. */
  readonly xtrace: boolean;
  /** Up to v0.23 every step had `HOME=/tekton/home`. */
  readonly homeOverride: boolean;
  /** Up to v0.23 a step without `workingDir` ran in `/workspace`. */
  readonly workingDirOverride: boolean;
}

const newest: TektonProfile = { xtrace: false, homeOverride: false, workingDirOverride: false };

/** `v0.15.2`, `0.62`; undefined is the newest. A text that is no version is undefined. */
export function tektonProfile(version?: string): TektonProfile | undefined {
  if (version === undefined) return newest;
  const match = /^v?(\d+)\.(\d+)(?:\.\d+)?$/u.exec(version);
  if (match === null) return undefined;
  const before = (minor: number): boolean => Number(match[1]) === 0 && Number(match[2]) < minor;
  return { xtrace: before(32), homeOverride: before(24), workingDirOverride: before(24) };
}
