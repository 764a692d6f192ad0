import { type Result, succeed } from "@lapcat/diagnostic";
import { parseDuration } from "@lapcat/tekton";
import { refusal } from "./refusal.ts";

/** The most that a timer takes; more would end at once. */
const longest = 2 ** 31 - 1;

/** A duration as a timer takes it: whole milliseconds, not below 0. Nothing where the text is no duration. */
export function timerOf(text: string): number | undefined {
  const milliseconds = parseDuration(text);
  return milliseconds === undefined ? undefined : Math.min(Math.max(Math.ceil(milliseconds), 0), longest);
}

export interface FetchTimeout {
  readonly milliseconds: number;
  readonly text: string;
}

/** The `fetch-timeout` of a resolver's ConfigMap; none where nothing is said of it: the time of all resolutions remains. */
export function fetchTimeout(text: string | undefined, configMap: string): Result<FetchTimeout | undefined> {
  if (text === undefined || text === "") return succeed(undefined);
  const milliseconds = timerOf(text);
  if (milliseconds === undefined)
    return refusal("resolver.param", `fetch-timeout ${JSON.stringify(text)} of ${configMap} is no duration`);
  return succeed({ milliseconds, text });
}
