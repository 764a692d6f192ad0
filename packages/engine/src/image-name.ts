/** An image reference in parts, Docker's short forms written out: `alpine` is `docker.io/library/alpine:latest`. */
export interface ImageName {
  /** `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/alpine`. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

const form =
  /^(?<name>[^@\s]+?)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}))?$/u;
const repositoryForm = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/u;

/** Undefined when the text is no image reference. Without tag and digest the tag is `latest`. */
export function parseImageName(text: string): ImageName | undefined {
  const groups = form.exec(text)?.groups;
  const name = groups?.["name"];
  if (name === undefined) return undefined;
  const [first = "", ...rest] = name.split("/");
  const hasRegistry = rest.length > 0 && (first.includes(".") || first.includes(":") || first === "localhost");
  const registry = hasRegistry ? (first === "index.docker.io" ? "docker.io" : first) : "docker.io";
  const path = hasRegistry ? rest.join("/") : name;
  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  if (!repositoryForm.test(repository)) return undefined;
  const digest = groups?.["digest"];
  const tag = groups?.["tag"] ?? (digest === undefined ? "latest" : undefined);
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

export function formatImageName(name: ImageName): string {
  return `${name.registry}/${name.repository}${name.tag === undefined ? "" : `:${name.tag}`}${name.digest === undefined ? "" : `@${name.digest}`}`;
}
