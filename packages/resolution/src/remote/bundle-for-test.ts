import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

export const sha256 = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/** A tar archive of one file. */
export function tarOf(text: string, type = "0"): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.alloc(512);
  header.write("object", 0);
  header.write("0000600\0", 100);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write(" ".repeat(8), 148);
  header.write(type, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

export interface LayerForTest {
  readonly bytes: Buffer;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the manifest says instead of the truth. */
  readonly told?: Readonly<Record<string, unknown>>;
}

export function layerFor(kind: string, name: string, bytes: Buffer, apiVersion = "v1"): LayerForTest {
  const annotations = {
    "dev.tekton.image.kind": kind,
    "dev.tekton.image.name": name,
    "dev.tekton.image.apiVersion": apiVersion,
  };
  return { bytes, annotations };
}

export const zipped = (text: string): Buffer => gzipSync(tarOf(text));

export interface RegistryForTest {
  /** Host and port. */
  readonly host: string;
  /** What was asked for, with who asked: `GET /v2/ anonymous`. */
  readonly asked: readonly string[];
  /** Puts an image there; its digest. */
  readonly push: (repository: string, tag: string, layers: readonly LayerForTest[]) => string;
  /** Puts any manifest there. */
  readonly put: (repository: string, tag: string, manifest: unknown, mediaType: string) => string;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

export const imageType: string = "application/vnd.oci.image.manifest.v1+json";

/** A registry that holds what is pushed to it; `first` may answer in its place. */
export async function registryForTest(first: Answer = () => false): Promise<RegistryForTest> {
  const held = new Map<string, { readonly bytes: Buffer; readonly type: string }>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? "anonymous"}`);
    if (first(request, response)) return;
    if (request.url === "/v2/") return void response.end("{}");
    const found = held.get(request.url ?? "");
    if (found === undefined)
      return void response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    response.writeHead(200, { "content-type": found.type }).end(found.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const put = (repository: string, tag: string, manifest: unknown, type: string): string => {
    const bytes = Buffer.from(typeof manifest === "string" ? manifest : JSON.stringify(manifest));
    const digest = `sha256:${sha256(bytes)}`;
    for (const each of [tag, digest]) held.set(`/v2/${repository}/manifests/${each}`, { bytes, type });
    return digest;
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    put,
    push(repository, tag, layers) {
      const descriptors = layers.map(({ bytes, annotations, told }) => {
        const digest = `sha256:${sha256(bytes)}`;
        held.set(`/v2/${repository}/blobs/${digest}`, { bytes, type: "application/octet-stream" });
        return {
          mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
          digest,
          size: bytes.length,
          annotations,
          ...told,
        };
      });
      return put(repository, tag, { schemaVersion: 2, mediaType: imageType, layers: descriptors }, imageType);
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
