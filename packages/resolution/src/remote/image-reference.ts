/** Where an image is kept and what is asked for there, as go-containerregistry reads a reference. */
export interface ImageReference {
  /** A host, with its port where one was written; Docker Hub is `index.docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly identifier: Identifier;
}

export type Identifier =
  | { readonly kind: "tag"; readonly text: string }
  /** `sha256:` and 64 digits; a tag beside it says nothing. */
  | { readonly kind: "digest"; readonly text: string };

const dockerHub = "index.docker.io";
const authorityForm = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=-]*)(?::\d+)?$/u;

export function parseImageReference(text: string): ImageReference | undefined {
  const tagged = withTag(text);
  if (tagged !== undefined) return tagged;
  const [base = "", digest = "", ...more] = text.split("@");
  if (more.length > 0 || !isDigest(digest)) return undefined;
  const place = withTag(base) ?? placeOf(base);
  return place === undefined ? undefined : { ...place, identifier: { kind: "digest", text: digest } };
}

export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/u.test(text);
}

/** What errors and `refSource` call it. */
export function repositoryName({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}

function withTag(text: string): ImageReference | undefined {
  const colon = text.lastIndexOf(":");
  const isTag = colon !== -1 && !text.includes("/", colon);
  const tag = isTag ? text.slice(colon + 1) : "latest";
  const place = /^[A-Za-z0-9_.-]{1,128}$/u.test(tag) ? placeOf(isTag ? text.slice(0, colon) : text) : undefined;
  return place === undefined ? undefined : { ...place, identifier: { kind: "tag", text: tag } };
}

function placeOf(text: string): Omit<ImageReference, "identifier"> | undefined {
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const hasHost = slash !== -1 && (first === "localhost" || /[.:]/u.test(first));
  const host = hasHost ? first : "";
  const repository = hasHost ? text.slice(slash + 1) : text;
  if (!/^[a-z0-9_./-]{2,255}$/u.test(repository) || !authorityForm.test(host)) return undefined;
  const registry = host === "" || host === "docker.io" ? dockerHub : host;
  const isOfLibrary = registry === dockerHub && !repository.includes("/");
  return { registry, repository: isOfLibrary ? `library/${repository}` : repository };
}

const privateForms = [
  /^10(?:\.\d{1,3}){3}$/u,
  /^192\.168(?:\.\d{1,3}){2}$/u,
  /^172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}$/u,
];

/** Registries of this machine and of private networks may speak plain http. */
export function mayBePlain(registry: string): boolean {
  const [host = ""] = registry.split(":");
  return (
    privateForms.some((form) => form.test(host)) ||
    registry.startsWith("localhost:") ||
    /\.localhost(?::\d{1,5})?$/u.test(registry) ||
    /^127\.0\.0\.1(?::\d{1,5})?$/u.test(registry) ||
    /^(?:::1|\[::1\](?::\d{1,5})?)$/u.test(registry)
  );
}
