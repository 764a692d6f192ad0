import { type default as Docker } from "dockerode";
import { type Endpoint } from "./address.ts";

/** The client library, loaded when an engine is first opened: `--version` and `validate` never pay for it. */
export async function connect(endpoint: Endpoint): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  if (endpoint.kind === "socket") return new Client({ socketPath: endpoint.path });
  const { host, port, tls } = endpoint;
  return new Client({ host, port, protocol: tls === undefined ? "http" : "https", ...tls });
}
