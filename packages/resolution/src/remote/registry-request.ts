import { LapcatError } from "@lapcat/diagnostic";
import { type Backoff, persistently } from "./backoff.ts";
import { readBody } from "./read-body.ts";
import { redirectIn } from "./redirect.ts";
import { isPrivateHost } from "./registry-auth.ts";
import { whyUnreached } from "./why-unreached.ts";

export interface RequestOptions {
  readonly fetch: typeof fetch;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

const passing: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522]);
const broken: ReadonlySet<string> = new Set(["ECONNRESET", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "UND_ERR_SOCKET"]);

type Answer = { readonly response: Response } | { readonly error: unknown };

/** Asks, and asks again where that may help. */
export async function send(url: URL, init: RequestInit, options: RequestOptions): Promise<Response> {
  const answer = await persistently<Answer>(options.backoff, options.signal, async () => {
    try {
      const response = await redirected(url, init, options);
      return { answer: { response }, mayPass: passing.has(response.status) };
    } catch (error) {
      if (error instanceof LapcatError) throw error;
      return { answer: { error }, mayPass: isBroken(error) };
    }
  });
  if ("response" in answer) return answer.response;
  throw unreachable(url.host, whyUnreached(answer.error), answer.error);
}

function isBroken(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" && broken.has(cause.code);
}

/** Follows to where blobs are kept; what authorizes stays with the host it is for, and no host leads into the private network. */
async function redirected(
  first: URL,
  init: RequestInit,
  { fetch: fetcher, signal }: RequestOptions,
): Promise<Response> {
  const { authorization, ...others } = (init.headers ?? {}) as Readonly<Record<string, string>>;
  for (let at = first, count = 0; count < 10; count++) {
    const headers = at.host === first.host && authorization !== undefined ? { ...others, authorization } : others;
    const response = await fetcher(at.href, { ...init, headers, redirect: "manual", signal });
    const location = await redirectIn(response);
    if (location === undefined) return response;
    const next = URL.canParse(location, at.href) ? new URL(location, at.href) : undefined;
    const isAllowed =
      next !== undefined &&
      /^https?:$/u.test(next.protocol) &&
      (next.protocol === "https:" || first.protocol === "http:") &&
      (next.hostname === first.hostname || !isPrivateHost(next.hostname));
    if (!isAllowed) throw unreachable(first.host, `it leads to ${location}, where lapcat does not go`);
    at = next;
  }
  throw unreachable(first.host, "it leads on and on: 10 redirects");
}

/** A body of so many bytes at the most; none if there are more. */
export async function bodyOf(response: Response, limit: number, host: string): Promise<Uint8Array | undefined> {
  try {
    return await readBody(response, limit);
  } catch (error) {
    throw unreachable(host, whyUnreached(error), error);
  }
}

export function unreachable(host: string, why: string, cause?: unknown): LapcatError {
  return new LapcatError(
    { code: "resolver.unreachable", message: `the registry ${host} cannot be used: ${why}` },
    cause,
  );
}
