import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { type Duplex } from "node:stream";
import { connect as tlsConnect } from "node:tls";
import { type Answer, type Question } from "@lapcat/engine";
import { type Relay } from "./relay.ts";

type HttpQuestion = Extract<Question, { kind: "http" }>;

const mostRedirects = 10;

/** Asks as the kubelet does (k8s.io/kubernetes/pkg/probe/http): redirects to the same host are followed, those that lead elsewhere are good. */
export async function httpStatus(
  question: HttpQuestion,
  host: string,
  relay: (port: number) => Promise<Relay>,
): Promise<Answer> {
  const hostname = host.includes(":") ? `[${host}]` : host;
  let url = new URL(`${question.scheme.toLowerCase()}://${hostname}:${question.port}${question.path}`);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const port = url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port);
    const reached = await relay(port);
    if (reached.kind === "closed") return { ok: false, said: `port ${port}: ${reached.why}` };
    let response: Pick<IncomingMessage, "statusCode" | "headers">;
    try {
      response = await get(url, question, reached.socket);
    } catch (cause) {
      return { ok: false, said: cause instanceof Error ? cause.message : String(cause) };
    } finally {
      reached.socket.destroy();
    }
    const { statusCode = 0, headers } = response;
    const next = headers.location === undefined ? undefined : URL.parse(headers.location, url.href);
    if (
      statusCode < 300 ||
      statusCode >= 400 ||
      next === undefined ||
      next === null ||
      next.hostname !== url.hostname
    ) {
      if (statusCode >= 200 && statusCode < 400) return { ok: true, said: "" };
      return { ok: false, said: `HTTP probe failed with statuscode: ${statusCode}` };
    }
    url = next;
  }
  return { ok: false, said: `stopped after ${mostRedirects} redirects` };
}

function get(url: URL, { headers }: HttpQuestion, socket: Duplex): Promise<IncomingMessage> {
  const given = headers.map(({ name, value }) => [name, value] as const);
  const has = (wanted: string): boolean => given.some(([name]) => name.toLowerCase() === wanted);
  const usual = [
    ["Host", url.host],
    ["User-Agent", "kube-probe/lapcat"],
    ["Accept", "*/*"],
    ["Connection", "close"],
  ] as const;
  const all = [...usual.filter(([name]) => !has(name.toLowerCase())), ...given];
  return new Promise((resolve, reject) => {
    const connection = url.protocol === "https:" ? tlsConnect({ socket, rejectUnauthorized: false }) : socket;
    const asking: ClientRequest = httpRequest(
      {
        method: "GET",
        path: `${url.pathname}${url.search}`,
        headers: all.flat(),
        createConnection: () => connection,
      },
      (response) => {
        response.resume();
        resolve(response);
      },
    );
    asking.on("error", reject);
    asking.end();
  });
}
