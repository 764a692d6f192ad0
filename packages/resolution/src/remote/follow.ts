import { redirectIn } from "./redirect.ts";

const most = 10;

/**
 * Gets an address as Go's http.Client does: ten redirects at most, and what authorizes goes on to the same host and those below it
 * only. A login that stands in an address is used where nothing else is given.
 */
export async function follow(
  fetcher: typeof fetch,
  address: string,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<Response> {
  const first = new URL(address);
  let at = first;
  let login = authorization;
  for (let count = 0; ; count++) {
    // What once left that host is not trusted when it comes back.
    if (!isBelow(at.hostname, first.hostname)) login = undefined;
    const response = await fetcher(bare(at), { headers: headersOf(at, login), redirect: "manual", signal });
    const location = await redirectIn(response);
    if (location === undefined) return response;
    if (count === most - 1) throw new Error(`it leads on and on: ${most} redirects`);
    if (!URL.canParse(location, at.href)) throw new Error(`it leads to ${location}, which is no address`);
    at = new URL(location, at.href);
    if (!/^https?:$/u.test(at.protocol)) throw new Error(`it leads to ${at.href}, which is no http(s) address`);
  }
}

/** `fetch` refuses an address with a login in it. */
function bare(url: URL): string {
  const copy = new URL(url.href);
  copy.username = "";
  copy.password = "";
  return copy.href;
}

function headersOf({ username, password }: URL, authorization: string | undefined): Readonly<Record<string, string>> {
  if (authorization !== undefined) return { authorization };
  if (username === "" && password === "") return {};
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
}

function isBelow(host: string, above: string): boolean {
  return host === above || (host.endsWith(`.${above}`) && !/^\[|^[\d.]+$/u.test(above));
}
