const form = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?$/u;

export function isVersion(text: string): boolean {
  return form.test(text);
}

/** Semantic order: numbers as numbers (0.10 after 0.9), a missing part as 0, a pre-release before its release. */
export function compareVersions(a: string, b: string): number {
  const [, aNumbers = "", aPre] = form.exec(a) ?? [];
  const [, bNumbers = "", bPre] = form.exec(b) ?? [];
  const left = aNumbers.split(".").map(Number);
  const right = bNumbers.split(".").map(Number);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (aPre === bPre) return 0;
  if (aPre === undefined) return 1;
  if (bPre === undefined) return -1;
  return aPre.localeCompare(bPre, "en", { numeric: true });
}
