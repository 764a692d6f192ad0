/** A path without `.`, `..`, doubled and trailing slashes. `..` at the root of an absolute path is dropped, of a relative one kept. */
export function cleanPath(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!absolute) parts.push(part);
  }
  const joined = parts.join("/");
  if (absolute) return `/${joined}`;
  return joined === "" ? "." : joined;
}

/** `path` seen from `base`: an absolute one stays. */
export function joinPath(base: string, path: string): string {
  return cleanPath(path.startsWith("/") ? path : `${base}/${path}`);
}

/** Kubernetes' rule for `subPath` and volume items: relative, and no component is `..`. */
export function staysInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").includes("..");
}

/** What of `path` lies below `directory`; undefined when it does not. Both cleaned and absolute. */
export function below(directory: string, path: string): string | undefined {
  if (path === directory) return "";
  const prefix = directory === "/" ? "/" : `${directory}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}
