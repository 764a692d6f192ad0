/** Shown in place of a secret. */
const mask = "***";

/** Plain data with every secret text masked, and the content of files that are secret as a whole. */
export function maskedValue(value: unknown, secrets: readonly string[]): unknown {
  const long = [...new Set(secrets)].filter((each) => each !== "").sort((a, b) => b.length - a.length);
  const walk = (each: unknown): unknown => {
    if (typeof each === "string") return long.reduce((text, secret) => text.replaceAll(secret, mask), each);
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== "object" || each === null) return each;
    if ("secret" in each && each.secret === true && "content" in each) return { ...each, content: mask };
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value);
}
