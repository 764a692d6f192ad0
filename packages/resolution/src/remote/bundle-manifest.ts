import { LapcatError } from "@lapcat/diagnostic";
import { type ImageReference, isDigest, repositoryName } from "./image-reference.ts";
import { digestOf, type Manifest, type Repository } from "./registry.ts";

/** One object of a bundle: its layer, and what the annotations say of it. */
export interface BundleLayer {
  readonly kind: string;
  readonly name: string;
  readonly digest: string;
  readonly size: number;
  /** The layer itself where the manifest holds it. */
  readonly data?: Uint8Array;
}

export interface BundleManifest {
  /** Of the image's manifest; of an index that of the image in it. */
  readonly digest: string;
  readonly layers: readonly BundleLayer[];
}

const images: readonly string[] = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
];
const indexes: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
/** Indexes within indexes. */
const deepest = 4;

/** The manifest of the image, or of the image for linux/amd64 where the reference is an index's; as `remote.Image` of go-containerregistry. */
export async function bundleManifest(repository: Repository, reference: ImageReference): Promise<BundleManifest> {
  const name = repositoryName(reference);
  let manifest = await repository.manifest(reference.identifier, [...images, ...indexes]);
  for (let depth = 0; indexes.includes(manifest.mediaType); depth++) {
    const child = childOf(name, jsonOf(name, manifest));
    if (child === undefined || depth === deepest)
      throw noBundle(name, "it is an index without an image for linux/amd64");
    const found = await repository.manifest({ kind: "digest", text: child.digest }, [child.mediaType]);
    manifest = { ...found, mediaType: child.mediaType };
  }
  if (manifest.mediaType.startsWith("application/vnd.docker.distribution.manifest.v1"))
    throw noBundle(name, "its manifest is of Docker's first schema");
  return { digest: manifest.digest, layers: layersOf(name, jsonOf(name, manifest)) };
}

type JsonRecord = Readonly<Record<string, unknown>>;

function jsonOf(name: string, { bytes }: Manifest): JsonRecord {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    if (isRecord(value)) return value;
  } catch {
    // Said below.
  }
  throw noBundle(name, "its manifest is no JSON object");
}

/** The first for the platform that upstream asks for on every machine; one that names none is for it too. */
function childOf(name: string, index: JsonRecord): { readonly digest: string; readonly mediaType: string } | undefined {
  const children = Array.isArray(index["manifests"]) ? index["manifests"].filter(isRecord) : [];
  const found = children.find(({ platform }) => {
    const { os, architecture } = isRecord(platform) ? platform : { os: "linux", architecture: "amd64" };
    return os === "linux" && architecture === "amd64";
  });
  if (found === undefined) return undefined;
  const { digest, mediaType } = found;
  if (typeof digest !== "string" || !isDigest(digest) || typeof mediaType !== "string")
    throw noBundle(name, "its index names an image without a digest");
  return { digest, mediaType };
}

const most = 20;
const prefix = "dev.tekton.image.";

function layersOf(name: string, manifest: JsonRecord): readonly BundleLayer[] {
  const layers = Array.isArray(manifest["layers"]) ? manifest["layers"] : [];
  if (layers.length > most)
    throw noBundle(name, `it has ${layers.length} layers, and a bundle holds ${most} objects at the most`);
  return layers.map((layer: unknown, index): BundleLayer => {
    const found = isRecord(layer) ? layer : {};
    const { digest, size, data } = found;
    const annotations = isRecord(found["annotations"]) ? found["annotations"] : {};
    const annotation = (key: string): string => {
      const value = annotations[prefix + key];
      if (typeof value !== "string") throw noBundle(name, `its layer ${index} has no annotation ${prefix}${key}`);
      return value;
    };
    annotation("apiVersion");
    const named = annotation("name");
    const kind = annotation("kind");
    if (kind.toLowerCase().replace(/s$/u, "") !== kind)
      throw noBundle(
        name,
        `the annotation ${prefix}kind of its layer ${index} is ${JSON.stringify(kind)}, not in lower case and singular`,
      );
    if (typeof digest !== "string" || !isDigest(digest) || !isSize(size))
      throw noBundle(name, `its layer ${index} has no digest of the kind sha256, or no size`);
    return {
      kind,
      name: named,
      digest,
      size,
      ...(typeof data === "string" && { data: dataOf(name, data, digest, size) }),
    };
  });
}

function dataOf(name: string, base64: string, digest: string, size: number): Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== size || digestOf(bytes) !== digest)
    throw noBundle(name, `what it holds of ${digest} is something else`);
  return bytes;
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function noBundle(name: string, why: string): LapcatError {
  return new LapcatError({
    code: "resolver.missing",
    message: `${name} is no Tekton bundle: ${why}`,
    hint: "`tkn bundle push` makes one",
  });
}
