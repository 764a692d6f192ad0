import { type Result, succeed } from "@lapcat/diagnostic";
import { type Fetched, formatDuration, type Located, type Param } from "@lapcat/tekton";
import { objectsOf } from "../objects.ts";
import { askResolver, type Machine } from "./ask-resolver.ts";
import { cacheModeOf, timeToLive } from "./cache-mode.ts";
import { resolutionCache } from "./cache.ts";
import { refusal } from "./refusal.ts";
import { type RemoteText } from "./resolver.ts";
import { resolvers } from "./resolvers.ts";
import { resolverSettings } from "./settings.ts";
import { textParams } from "./text-params.ts";

/** Who answers what references ask of resolvers. */
export type RemoteSource =
  /** The resolvers; `offline` nobody but what was kept of their answers. */
  | (Machine & { readonly kind: "machine"; readonly offline: boolean })
  /** A run's record: what it was given when it was planned. */
  | { readonly kind: "record"; readonly fetched: readonly Fetched[] }
  /** The documents alone. */
  | { readonly kind: "documents" };

/** What a reference asks, of whom. */
export interface Request {
  readonly resolver: string;
  readonly kind: Fetched["kind"];
  readonly params: readonly Param[];
  readonly namespace: string;
}

export type Answer = Pick<RemoteText, "text" | "provenance" | "located">;

/** Requests that are alike have one key. */
export function keyOf({ resolver, kind, params }: Pick<Request, "resolver" | "kind" | "params">): string {
  // How an answer is cached does not belong to what is asked.
  const asked = params.filter(({ name }) => name !== "cache");
  const byName = asked.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return JSON.stringify([resolver, kind, byName]);
}

const configMaps: Readonly<Record<string, string>> = {
  bundles: "bundleresolver-config",
  cluster: "cluster-resolver-config",
  git: "git-resolver-config",
  http: "http-resolver-config",
  hub: "hubresolver-config",
};

/** Of a resolver that has need of nothing. */
const nowhere: Machine = {
  fetch,
  environment: {},
  images: () => ({
    inPlaceOf: (reference) => Promise.resolve(reference),
    logins: () => Promise.resolve({ keychains: [], diagnostics: [] }),
  }),
  directory: "",
};

/** The answer, or why there is none; nothing where the source asks nobody. `timeout` is a cluster's. */
export async function answerOf(
  request: Request,
  source: RemoteSource,
  documents: readonly Located[],
  timeout: string | undefined,
): Promise<Result<Answer> | undefined> {
  const settings = resolverSettings(documents);
  const own = settings(configMaps[request.resolver] ?? "");
  const mode = cacheModeOf(textParams(request.params).get("cache"), own);
  if (!mode.ok) return mode;
  if (source.kind === "record") return recorded(source.fetched, request);
  const load = resolvers[request.resolver];
  if (load === undefined) throw new Error(`${request.resolver} is none of the resolvers`);
  const asked = { namespace: request.namespace, wanted: request.kind, params: request.params };
  const ask = async (machine: Machine): Promise<Result<RemoteText>> =>
    askResolver(await load(documents), asked, documents, machine, timeout);
  // What is among the documents is neither far away nor kept.
  if (request.resolver === "cluster") return ask(nowhere);
  if (source.kind === "documents") return undefined;
  const key = `${keyOf(request)} ${JSON.stringify(own)}${await elsewhere(request, source)}`;
  const cache = resolutionCache(source.directory);
  const before = await cache.read(key);
  if (source.offline) return before === undefined ? neverFetched() : succeed(before);
  const ttl = timeToLive(own, settings("resolver-cache-config"));
  const isFresh = before !== undefined && (before.immutable || (mode.value === "always" && before.age < ttl));
  if (isFresh && mode.value !== "never") return succeed(before);
  const answer = await ask(source);
  if (answer.ok && mode.value !== "never") await cache.write(key, answer.value);
  const isAway = answer.diagnostics.some(({ code }) => code === "resolver.unreachable");
  return !answer.ok && before !== undefined && isAway ? withHint(answer, before.age) : answer;
}

/** The bundle that the user has put in the place of the one that is asked for: that is another answer. */
async function elsewhere({ resolver, params }: Request, machine: Machine): Promise<string> {
  const bundle = resolver === "bundles" ? textParams(params).get("bundle") : undefined;
  if (bundle === undefined) return "";
  const mapped = await machine.images(objectsOf([])).inPlaceOf(bundle);
  return mapped === bundle ? "" : ` ${mapped}`;
}

function recorded(fetched: readonly Fetched[], request: Request): Result<Answer> {
  const key = keyOf(request);
  const found = fetched.find((each) => keyOf(each) === key);
  return found === undefined ? refusal("resolver.missing", "it is not in the run's record") : succeed(found);
}

function neverFetched(): Result<Answer> {
  return refusal(
    "resolver.unreachable",
    "it was never fetched here, and with --offline nobody is asked",
    "`lapcat plan` without --offline fetches it, and keeps it",
  );
}

function withHint(answer: Result<RemoteText>, age: number): Result<RemoteText> {
  const ago = formatDuration(Math.max(1, Math.round(age / 60_000)) * 60_000);
  const hint = `It was fetched ${ago} ago: --offline takes that`;
  return { ok: false, diagnostics: answer.diagnostics.map((each) => ({ ...each, hint })) };
}
