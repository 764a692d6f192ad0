// Hosts that hold a catalog as Tekton's own is held: Artifact Hub, Tekton Hub, and registries with a bundle for each version. Runs in a container too.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** One version of an object, with its document. */
export interface CatalogEntry {
  readonly kind: "task" | "stepaction" | "pipeline";
  readonly name: string;
  /** As the directory is called: `0.10`. */
  readonly version: string;
  readonly text: string;
}

/** All of a directory in the layout of tektoncd/catalog. */
export function catalogIn(directory: string): readonly CatalogEntry[] {
  const below = (...path: readonly string[]): readonly string[] => {
    const at = join(directory, ...path);
    return existsSync(at) ? readdirSync(at).sort() : [];
  };
  return (["task", "stepaction", "pipeline"] as const).flatMap((kind) =>
    below(kind).flatMap((name) =>
      below(kind, name).flatMap((version) => {
        const file = join(directory, kind, name, version, `${name}.yaml`);
        return existsSync(file) ? [{ kind, name, version, text: readFileSync(file, "utf8") }] : [];
      }),
    ),
  );
}

export type Host = (request: IncomingMessage, response: ServerResponse) => void;

/** `artifacthub.io`: its versions have three parts. Whatever a repository there is called, it holds the catalog. */
export function artifactHub(catalog: readonly CatalogEntry[]): Host {
  const form = /^\/api\/v1\/packages\/tekton-(?<kind>\w+)\/[^/]+\/(?<name>[^/]+)(?:\/(?<version>[^/]+))?$/u;
  return (request, response) => {
    const { kind, name, version } = form.exec(pathOf(request))?.groups ?? {};
    const found = catalog.filter((each) => each.kind === kind && each.name === name).sort(newestFirst);
    const entry = version === undefined ? found[0] : found.find((each) => semantic(each.version) === version);
    if (entry === undefined) return json(response, 404, { message: "not found" });
    json(response, 200, {
      name,
      version: semantic(entry.version),
      available_versions: found.map((each) => ({ version: semantic(each.version), prerelease: false })),
      data: { manifestRaw: entry.text },
    });
  };
}

/** `api.hub.tekton.dev`, which is no more, or one's own: its versions have two parts. */
export function tektonHub(catalog: readonly CatalogEntry[]): Host {
  const form = /^\/v1\/resource\/[^/]+\/(?<kind>\w+)\/(?<name>[^/]+)(?:\/(?<version>[^/]+)\/yaml)?$/u;
  return (request, response) => {
    const { kind, name, version } = form.exec(pathOf(request))?.groups ?? {};
    const found = catalog.filter((each) => each.kind === kind && each.name === name).sort(newestFirst);
    const entry = found.find((each) => each.version === version);
    if (found.length === 0 || (version !== undefined && entry === undefined)) return json(response, 404, {});
    const versions = found.map((each, id) => ({ id, version: each.version }));
    json(response, 200, { data: entry === undefined ? { versions } : { yaml: entry.text } });
  };
}

/** A registry in which every version is a bundle of one object, tagged with the version, the newest with `latest` too; `repositoryOf` says where. */
export function bundleRegistry(
  catalog: readonly CatalogEntry[],
  repositoryOf: (entry: CatalogEntry) => string,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const held = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  const hold = (path: string, type: string, bytes: Buffer): void => void held.set(path, { type, bytes });
  for (const entry of [...catalog].sort(newestFirst).reverse()) {
    const at = `/v2/${repositoryOf(entry)}`;
    const layer = gzipSync(archiveOf(entry.name, entry.text));
    const config = Buffer.from(JSON.stringify({ architecture: "", os: "", rootfs: { type: "layers", diff_ids: [] } }));
    const annotations = { kind: entry.kind, name: entry.name, apiVersion: apiVersionOf(entry.text) };
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: { mediaType: "application/vnd.oci.image.config.v1+json", ...descriptor(config) },
        layers: [
          {
            mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
            ...descriptor(layer),
            annotations: Object.fromEntries(
              Object.entries(annotations).map(([key, value]) => [`dev.tekton.image.${key}`, value]),
            ),
          },
        ],
      }),
    );
    for (const tag of [entry.version, "latest", descriptor(manifest).digest])
      hold(`${at}/manifests/${tag}`, manifestType, manifest);
    for (const blob of [layer, config])
      hold(`${at}/blobs/${descriptor(blob).digest}`, "application/octet-stream", blob);
  }
  return (request, response) => {
    const found = held.get(pathOf(request));
    if (found === undefined) return false;
    response.writeHead(200, {
      "content-type": found.type,
      "content-length": found.bytes.length,
      "docker-content-digest": descriptor(found.bytes).digest,
    });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
    return true;
  };
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

function descriptor(bytes: Buffer): { readonly size: number; readonly digest: string } {
  return { size: bytes.length, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

function apiVersionOf(text: string): string {
  return /^apiVersion:\s*tekton\.dev\/(\S+)/mu.exec(text)?.[1] ?? "v1";
}

/** A tar archive of one file. */
function archiveOf(name: string, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write("0000600\0", 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        0", 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

function semantic(version: string): string {
  return version.split(".").length === 2 ? `${version}.0` : version;
}

function newestFirst(one: CatalogEntry, other: CatalogEntry): number {
  return other.version.localeCompare(one.version, "en", { numeric: true });
}

function pathOf(request: IncomingMessage): string {
  return new URL(request.url ?? "/", "http://localhost").pathname;
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
