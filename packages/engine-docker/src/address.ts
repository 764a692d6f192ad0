import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LapcatError } from "@lapcat/diagnostic";

/** Where an engine listens, in the parts a connection needs. */
export type Endpoint =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number; readonly tls?: TlsFiles };

export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface TlsChoice {
  /** The directory with ca.pem, cert.pem and key.pem. */
  readonly directory?: string;
  readonly verify: boolean;
}

/**
 * `unix://`, `npipe://`, `tcp://`, `http://`, `https://`, or a bare socket path.
 * Rejects what cannot be reached that way, ssh included, with what to do instead.
 */
export function parseAddress(address: string, tls: TlsChoice = { verify: false }): Endpoint {
  if (address.startsWith("/")) return { kind: "socket", path: address };
  if (address.startsWith("unix://")) return { kind: "socket", path: address.slice("unix://".length) };
  if (address.startsWith("npipe://")) return { kind: "socket", path: address.slice("npipe://".length) };
  if (address.startsWith("ssh://")) {
    throw new LapcatError({
      code: "engine.none",
      message: `engines at ${address} are not reached over ssh`,
      hint: `forward the socket and use that: ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock ${sshTarget(address)} & then --engine unix:///tmp/engine.sock`,
    });
  }
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["tcp:", "http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw new LapcatError({
      code: "engine.none",
      message: `${JSON.stringify(address)} is not an engine's address`,
      hint: "name one as unix:///path/to.sock or tcp://host:port; --engine also takes auto, docker and podman",
    });
  }
  const secure = tls.verify || url.protocol === "https:" || (url.protocol === "tcp:" && url.port === "2376");
  const port = url.port === "" ? (secure ? 2376 : 2375) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  return { kind: "tcp", host, port, ...(secure ? { tls: tlsFiles(tls.directory) } : {}) };
}

function sshTarget(address: string): string {
  const { username, hostname, port } = new URL(address);
  return `${port === "" ? "" : `-p ${port} `}${username === "" ? "" : `${username}@`}${hostname}`;
}

function tlsFiles(directory: string | undefined): TlsFiles {
  if (directory === undefined) return {};
  const read = (name: string): Buffer => {
    try {
      return readFileSync(join(directory, name));
    } catch (cause) {
      throw new LapcatError(
        {
          code: "engine.none",
          message: `${join(directory, name)}, which a TLS engine needs, cannot be read`,
          hint: "DOCKER_CERT_PATH names the directory with ca.pem, cert.pem and key.pem",
        },
        cause,
      );
    }
  };
  return { ca: read("ca.pem"), cert: read("cert.pem"), key: read("key.pem") };
}
