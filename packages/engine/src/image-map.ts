import { parseImageName } from "./image-name.ts";
import { asImageRef, type ImageRef } from "./pod-spec.ts";

/** One line of an image map: images whose name matches are served by another. */
export interface ImageMapping {
  /** As written: a repository glob (`*` within and across `/`), optionally with a tag or digest. */
  readonly pattern: string;
  readonly image: ImageRef;
}

/** Reads `PATTERN=IMAGE`; undefined when it is not of that form. */
export function parseImageMapping(text: string): ImageMapping | undefined {
  const at = text.indexOf("=");
  const pattern = text.slice(0, at).trim();
  const image = text.slice(at + 1).trim();
  if (at <= 0 || pattern === "" || parseImageName(image) === undefined) return undefined;
  if (compile(pattern) === undefined) return undefined;
  return { pattern, image: asImageRef(image) };
}

/** The first mapping that matches decides; without one the image stays. */
export function mapImage(mappings: readonly ImageMapping[], image: ImageRef): ImageRef {
  const name = parseImageName(image);
  if (name === undefined) return image;
  for (const mapping of mappings) {
    const compiled = compile(mapping.pattern);
    if (compiled === undefined || !compiled.repository.test(`${name.registry}/${name.repository}`)) continue;
    if (compiled.tag !== undefined && !compiled.tag.test(name.tag ?? "")) continue;
    if (compiled.digest !== undefined && compiled.digest !== name.digest) continue;
    return mapping.image;
  }
  return image;
}

interface CompiledPattern {
  readonly repository: RegExp;
  readonly tag?: RegExp;
  readonly digest?: string;
}

/** Globs are normalised as names are: `alp*` means `docker.io/library/alp*`; a `*` that could be the registry means any. */
function compile(pattern: string): CompiledPattern | undefined {
  const [beforeDigest = "", digest] = pattern.split("@");
  const lastSlash = beforeDigest.lastIndexOf("/");
  const colon = beforeDigest.indexOf(":", lastSlash + 1);
  const path = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon === -1 ? undefined : beforeDigest.slice(colon + 1);
  if (path === "") return undefined;
  const [first = "", ...rest] = path.split("/");
  const full =
    path.startsWith("*") ||
    (rest.length > 0 && (first.includes(".") || first.includes(":") || first.includes("*") || first === "localhost"))
      ? path
      : rest.length === 0
        ? `docker.io/library/${path}`
        : `docker.io/${path}`;
  return {
    repository: glob(full),
    ...(tag === undefined ? {} : { tag: glob(tag) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/gu, "\\$&").replaceAll("*", ".*")}$`, "u");
}
