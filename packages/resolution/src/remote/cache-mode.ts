import { type Result, succeed } from "@lapcat/diagnostic";
import { parseDuration } from "@lapcat/tekton";
import { refusal } from "./refusal.ts";

/** When what was fetched before will do: only what can never be otherwise, all of a while ago at most, or nothing. */
export type CacheMode = "auto" | "always" | "never";

type Settings = Readonly<Record<string, string>>;

/** The param `cache` before the `default-cache-mode` of the resolver (framework/cache/operations.go). */
export function cacheModeOf(param: string | undefined, settings: Settings): Result<CacheMode> {
  const own = param === undefined || param === "" ? undefined : modeIn(param);
  if (param !== undefined && param !== "" && own === undefined)
    return refusal("resolver.param", `the param cache is ${JSON.stringify(param)}`, "It is always, never or auto");
  return succeed(own ?? modeIn(settings["default-cache-mode"] ?? "") ?? "auto");
}

/** For so many milliseconds `always` takes what it has. */
export function timeToLive(ofResolver: Settings, ofCache: Settings): number {
  const own = positive(ofResolver["ttl"]);
  return own ?? positive(ofCache["ttl"]) ?? 5 * 60_000;
}

function positive(text: string | undefined): number | undefined {
  const duration = text === undefined ? undefined : parseDuration(text);
  return duration !== undefined && duration > 0 ? duration : undefined;
}

function modeIn(text: string): CacheMode | undefined {
  return text === "auto" || text === "always" || text === "never" ? text : undefined;
}
