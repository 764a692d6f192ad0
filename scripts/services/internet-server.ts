// Runs in a container and is a little internet: over TLS github.com with the repositories of /services/repositories/OWNER/NAME, and raw.githubusercontent.com with their files; gcr.io
// with one private image, a project that everybody may push to, which the registry REGISTRY keeps, and Tekton's catalog; ghcr.io and the
// two hubs with that catalog, which is /services/catalog.json.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { type IncomingMessage, request as ask, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import { gzipSync } from "node:zlib";
import { artifactHub, bundleRegistry, type CatalogEntry, type Host, tektonHub } from "./catalog-hosts.ts";
import { makeRepository, serveRepositories } from "./git-backend.ts";

const services = "/services";
const source = `${services}/repositories`;
const repositories = "/srv/git";

for (const owner of readdirSync(source)) {
  mkdirSync(`${repositories}/${owner}`, { recursive: true });
  for (const name of readdirSync(`${source}/${owner}`))
    makeRepository(
      `${source}/${owner}/${name}`,
      `${repositories}/${owner}/${name}`,
      name === "nocode" ? "master" : "main",
    );
}

type Login = readonly [user: string, password: string];

function loginOf(request: IncomingMessage): Login | undefined {
  const [, encoded] = /^Basic (.+)$/u.exec(request.headers.authorization ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const [user = "", ...password] = Buffer.from(encoded, "base64").toString().split(":");
  return [user, password.join(":")];
}

function refuse(response: ServerResponse): void {
  response.writeHead(401, { "www-authenticate": 'Basic realm="internet"' }).end("who are you?\n");
}

/** Whose projects everybody may clone; those of the other owners are private. */
const open: ReadonlySet<string> = new Set(["GoogleContainerTools", "kelseyhightower", "tektoncd"]);

function github(request: IncomingMessage, response: ServerResponse): void {
  // A repository has its name with `.git` behind it and without.
  request.url = (request.url ?? "/").replace(/^(\/[^/]+\/[^/]+?)\.git(?=\/)/u, "$1");
  const [, owner = "", name = ""] = new URL(request.url, "https://github.com").pathname.split("/");
  const [user, password] = loginOf(request) ?? [];
  if (!open.has(owner) && (user !== "<username>" || password !== "<password>")) return refuse(response);
  if (!existsSync(`${repositories}/${owner}/${name}`)) return void response.writeHead(404).end("no repository\n");
  serveRepositories(repositories, request, response);
}

function rawFiles(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? "/", "https://raw.githubusercontent.com");
  const [, owner = "", name = "", , ...path] = pathname.split("/").map(decodeURIComponent);
  const file = `${source}/${owner}/${name}/${path.join("/")}`;
  if (!open.has(owner) || path.includes("..") || statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    return void response.writeHead(404).end("404: Not Found");
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(readFileSync(file));
}

const sha256 = (bytes: string | Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
const emptyTar = Buffer.alloc(1024);
const layer = gzipSync(emptyTar);
const config = JSON.stringify({
  architecture: "amd64",
  os: "linux",
  config: {},
  rootfs: { type: "layers", diff_ids: [sha256(emptyTar)] },
});
const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: manifestType,
  config: {
    mediaType: "application/vnd.docker.container.image.v1+json",
    size: config.length,
    digest: sha256(config),
  },
  layers: [
    {
      mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      size: layer.length,
      digest: sha256(layer),
    },
  ],
});
const image = "/v2/build-crd-testing/secret-sauce";
const blobs = new Map<string, string | Buffer>([
  [`${image}/manifests/latest`, manifest],
  [`${image}/manifests/${sha256(manifest)}`, manifest],
  [`${image}/blobs/${sha256(config)}`, config],
  [`${image}/blobs/${sha256(layer)}`, layer],
]);

function passOn(request: IncomingMessage, response: ServerResponse): void {
  const { method, url = "/" } = request;
  const headers = { ...request.headers, "x-forwarded-proto": "https" };
  const passed = ask(new URL(url, process.env["REGISTRY"]), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", (error) => response.writeHead(502).end(error.message));
  request.pipe(passed);
}

const catalog = JSON.parse(readFileSync(`${services}/catalog.json`, "utf8")) as readonly CatalogEntry[];
const tasks = catalog.filter(({ kind }) => kind === "task");
const ofGcr = bundleRegistry(tasks, ({ name }) => `tekton-releases/catalog/upstream/${name}`);
const ofGhcr = bundleRegistry(catalog, ({ kind, name }) => `tektoncd/catalog/upstream/${kind}s/${name}`);

function ghcr(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === "/v2/") return void response.end("{}");
  if (!ofGhcr(request, response)) response.writeHead(404).end("{}");
}

function gcr(request: IncomingMessage, response: ServerResponse): void {
  if (ofGcr(request, response)) return;
  if (request.url?.startsWith("/v2/christiewilson-catfactory/") === true) return passOn(request, response);
  const [user, password = ""] = loginOf(request) ?? [];
  if (user !== "_json_key" || !password.includes('"project_id": "build-crd-testing"')) return refuse(response);
  if (request.url === "/v2/") return void response.end("{}");
  const content = blobs.get(request.url ?? "");
  if (content === undefined) return void response.writeHead(404).end("{}");
  const type = content === manifest ? manifestType : "application/octet-stream";
  response.writeHead(200, {
    "content-type": type,
    "content-length": content.length,
    "docker-content-digest": sha256(content),
  });
  response.end(request.method === "HEAD" ? undefined : content);
}

const hosts: Readonly<Record<string, Host>> = {
  "github.com": github,
  "raw.githubusercontent.com": rawFiles,
  "gcr.io": gcr,
  "ghcr.io": ghcr,
  "artifacthub.io": artifactHub(catalog),
  "api.hub.tekton.dev": tektonHub(catalog),
};
const tls = { key: readFileSync(`${services}/server.key`), cert: readFileSync(`${services}/server.crt`) };
createServer(tls, (request, response) => {
  const host = hosts[request.headers.host ?? ""];
  if (host === undefined) response.writeHead(421).end("no such host here\n");
  else host(request, response);
}).listen(443, () => console.log("listening"));
process.on("SIGTERM", () => process.exit(0));
