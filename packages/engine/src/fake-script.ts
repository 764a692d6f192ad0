import { type ImageInfo } from "./engine.ts";

/** What the fake engine answers: plain data, so that it can stand in a YAML file. A `*` in a pattern stands for any text; the first that fits counts. */
export interface FakeScript {
  readonly images?: Readonly<Record<string, FakeImage>>;
  readonly pods?: Readonly<Record<string, Readonly<Record<string, FakeContainer>>>>;
  /** The engine stops answering so many milliseconds after it was made. */
  readonly lostAfter?: number;
  /** Patterns of claims that have a volume before anything ran. */
  readonly claims?: readonly string[];
  /** The engine cannot grant `privileged`. */
  readonly privilegedRefused?: boolean;
}

export interface FakeImage extends Partial<
  Pick<ImageInfo, "id" | "imageId" | "entrypoint" | "cmd" | "user" | "workingDir" | "env">
> {
  /** Not on the machine: has to be pulled, which takes so many milliseconds. */
  readonly pullMilliseconds?: number;
  /** Nowhere to be had; the text is what the registry said. */
  readonly unavailable?: string;
  readonly unauthorized?: string;
}

export interface FakeContainer {
  /** 0 when absent. */
  readonly exitCode?: number;
  /** Milliseconds; `forever` ends only when killed. A step takes 1000, a sidecar runs for ever. */
  readonly duration?: number | "forever";
  readonly output?: readonly FakeOutput[];
  /** Files written at its end: paths in the container, inside its volumes. */
  readonly writes?: Readonly<Record<string, FakeContent>>;
  /** Files written before that, so many milliseconds after its start; in order. */
  readonly during?: readonly { readonly at: number; readonly path: string; readonly content: FakeContent }[];
  readonly oomKilled?: boolean;
  readonly startError?: string;
  /** How it answers what it is asked; the first that fits counts, and to what none fits the answer is yes. */
  readonly answers?: readonly FakeAnswer[];
  /** What happens when it is started once more, and every time after that. */
  readonly again?: Omit<FakeContainer, "again">;
  /** How it takes SIGTERM; absent: it ignores it, as a process without a handler does that is the first of its container. */
  readonly onTerm?: { readonly exitCode: number; readonly after?: number };
}

export interface FakeAnswer {
  /** A pattern for the question in words: `exec ls /certs`, `tcp 5432`, `http 8080/healthz`; any when absent. */
  readonly to?: string;
  /** Milliseconds since the start: before, the answer is no. */
  readonly from?: number;
  /** And from then on it is no again. */
  readonly until?: number;
  /** Milliseconds until it is given; `never` is as long as it is waited for. */
  readonly takes?: number | "never";
  /** Said with a no. */
  readonly said?: string;
}

/** A line to standard output, without its line break; or one with its stream and moment (milliseconds after the start). */
export type FakeOutput =
  | string
  | { readonly text: string; readonly stream?: "stdout" | "stderr"; readonly at?: number };

export type FakeContent = string | { readonly base64: string } | { readonly link: string };

export function matching<T>(patterns: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  for (const [pattern, value] of Object.entries(patterns ?? {})) if (fits(pattern, name)) return value;
  return undefined;
}

export function fits(pattern: string, name: string): boolean {
  const literal = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "u").test(name);
}
