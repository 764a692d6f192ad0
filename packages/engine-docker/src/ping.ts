import { type IncomingHttpHeaders } from "node:http";
import { type Endpoint } from "./address.ts";

// Not imported: an import of these asks for everything they export, and so loads Node's fetch too, which costs every start 20 ms.
const { request: httpRequest } = process.getBuiltinModule("node:http");
const { request: httpsRequest } = process.getBuiltinModule("node:https");

export interface EngineVersion {
  readonly product: "docker" | "podman";
  readonly version: string;
  readonly apiVersion: string;
}

/**
 * Asks an endpoint who it is; rejects with the connection's own error, or when it is not an engine. What answers a ping says so in
 * its headers; asked for its version, Podman looks up the packages of its programs first, for most of a second.
 */
export async function ping(endpoint: Endpoint, timeoutMilliseconds: number): Promise<EngineVersion> {
  const { status, headers } = await get(endpoint, "/_ping", timeoutMilliseconds);
  const [, product, version] = /^(Docker|Libpod)\/(\S+)/u.exec(status === 200 ? String(headers["server"]) : "") ?? [];
  const apiVersion = headers["api-version"];
  if (product === undefined || version === undefined || typeof apiVersion !== "string")
    return askVersion(endpoint, timeoutMilliseconds);
  return { product: product === "Libpod" ? "podman" : "docker", version, apiVersion };
}

/** For what answers in a way of its own: a proxy between, an engine that is not named in its headers. */
async function askVersion(endpoint: Endpoint, timeoutMilliseconds: number): Promise<EngineVersion> {
  const { status, body } = await get(endpoint, "/version", timeoutMilliseconds);
  const answer = status === 200 ? parse(body) : undefined;
  if (answer?.Version === undefined) throw new Error(`something answers, but not a container engine (HTTP ${status})`);
  const podman = answer.Components?.some((each) => each.Name?.includes("Podman") === true) === true;
  return { product: podman ? "podman" : "docker", version: answer.Version, apiVersion: answer.ApiVersion ?? "1.40" };
}

interface VersionAnswer {
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly Components?: readonly { readonly Name?: string }[];
}

function parse(body: string): VersionAnswer | undefined {
  try {
    return JSON.parse(body) as VersionAnswer;
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function get(endpoint: Endpoint, path: string, timeout: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const secure = endpoint.kind === "tcp" && endpoint.tls !== undefined;
    const to =
      endpoint.kind === "socket"
        ? { socketPath: endpoint.path }
        : { host: endpoint.host, port: endpoint.port, ...endpoint.tls };
    const send = secure ? httpsRequest : httpRequest;
    const request = send({ ...to, path, agent: false, timeout }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`no answer within ${timeout} ms`)));
    request.on("error", reject);
    request.end();
  });
}
