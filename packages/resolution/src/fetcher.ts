type Environment = Readonly<Record<string, string | undefined>>;

/** `fetch` by way of the proxies that the environment names; Node's own, which is there already, where it names none. */
export function fetcherFor(environment: Environment): typeof fetch {
  const variable = (name: string): string => environment[name] || environment[name.toLowerCase()] || "";
  const [httpProxy, httpsProxy] = [variable("HTTP_PROXY"), variable("HTTPS_PROXY")];
  if (httpProxy === "" && httpsProxy === "") return (input, init) => fetch(input, init);
  // As Go has it, nobody is asked for what this machine serves itself.
  const noProxy = [variable("NO_PROXY"), "localhost,127.0.0.1,[::1]"].filter((each) => each !== "").join(",");
  let proxied: Promise<typeof fetch> | undefined;
  return async (input, init) => (await (proxied ??= through({ httpProxy, httpsProxy, noProxy })))(input, init);
}

interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/** Node's own `fetch` knows of proxies from Node 24 on, and only if it is told at its start. */
async function through(proxies: Proxies): Promise<typeof fetch> {
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import("undici");
  const dispatcher = new EnvHttpProxyAgent(proxies);
  // The same interface, declared a second time.
  const fetcher = undiciFetch as unknown as (input: unknown, init: object) => Promise<Response>;
  return (input, init) => fetcher(input, { ...init, dispatcher });
}
