/** k8s.io/apimachinery/pkg/util/validation IsDNS1123Label. */
export function isDnsLabel(name: string): boolean {
  return name.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/u.test(name);
}

/** IsDNS1123Subdomain. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u.test(name);
}

/** IsQualifiedName: `name` or `prefix.example/name`. */
export function isQualifiedName(name: string): boolean {
  const parts = name.split("/");
  const last = parts.at(-1) ?? "";
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (parts.length > 2 || (prefix !== undefined && !isDnsSubdomain(prefix))) return false;
  return last.length <= 63 && /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/u.test(last);
}

/** RefNameLikeUrl. */
export function isUrlLike(name: string): boolean {
  return /[\w-]+:\/\/*/u.test(name);
}

/** v1 ResultNameFormat. */
export function isResultName(name: string): boolean {
  return /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/u.test(name);
}

/** stringAndArrayVariableNameFormat. */
export function isParamName(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9.-]*$/u.test(name);
}

/** objectVariableNameFormat. */
export function isObjectParamName(name: string): boolean {
  return /^[_a-zA-Z][_a-zA-Z0-9-]*$/u.test(name);
}

/** Go's filepath.Clean, as far as mount paths need it. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith("/");
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (!rooted) kept.push(part);
  }
  const joined = kept.join("/");
  return rooted ? `/${joined}` : joined === "" ? "." : joined;
}

/** The values that occur more than once, each once. */
export function duplicates(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
