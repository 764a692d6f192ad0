import { LapcatError } from "@lapcat/diagnostic";

/** An image reference with everything spelt out that its short form leaves unsaid. */
export interface ImageName {
  /** `docker.io`, `quay.io`, `registry:5000`. */
  readonly registry: string;
  /** `library/alpine`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/u;
const tagText = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/u;
const digestText = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/u;

/** The rules of distribution/reference: `alpine` is `docker.io/library/alpine:latest`. Rejects with `image.name`. */
export function parseImageName(text: string): ImageName {
  const [beforeDigest = "", digest, ...more] = text.split("@");
  const lastSlash = beforeDigest.lastIndexOf("/");
  const colon = beforeDigest.indexOf(":", lastSlash + 1);
  const path = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon);
  const tag = colon === -1 ? undefined : beforeDigest.slice(colon + 1);
  const slash = path.indexOf("/");
  const first = slash === -1 ? "" : path.slice(0, slash);
  const hasHost = first.includes(".") || first.includes(":") || first === "localhost" || first !== first.toLowerCase();
  const host = hasHost ? first : "docker.io";
  const registry = host === "index.docker.io" ? "docker.io" : host;
  const rest = hasHost ? path.slice(slash + 1) : path;
  const repository = registry === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  const valid =
    more.length === 0 &&
    repository.split("/").every((each) => component.test(each)) &&
    (tag === undefined || tagText.test(tag)) &&
    (digest === undefined || digestText.test(digest));
  if (!valid) {
    throw new LapcatError({
      code: "image.name",
      message: `${JSON.stringify(text)} is not a valid image reference`,
      hint: "an image is [registry/]name[:tag][@sha256:digest], in lower case",
    });
  }
  return { registry, repository, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
}

export function repositoryOf(name: ImageName): string {
  return `${name.registry}/${name.repository}`;
}

/** The form engines take: a digest wins over a tag beside it. */
export function fullName(name: ImageName): string {
  return name.digest === undefined
    ? `${repositoryOf(name)}:${name.tag ?? "latest"}`
    : `${repositoryOf(name)}@${name.digest}`;
}
