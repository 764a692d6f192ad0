import { type Style } from "@lapcat/report";

/** The part of `process.stdout` that is needed. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(bytes: Uint8Array | string, done?: (error?: Error | null) => void): boolean;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
  once(event: "drain", listener: () => void): unknown;
}

/** Standard output or standard error. Once its reader is gone, what is given is dropped without a word. */
export interface Output {
  readonly style: Style;
  readonly isTerminal: boolean;
  /** As wide as lines should be at most; where there is no terminal, as wide as they like. */
  readonly columns: number;
  /** Whole lines, each without its line break. */
  print(...lines: readonly string[]): void;
  /** Bytes as they are; resolves when more may be given. */
  write(bytes: Uint8Array | string): Promise<void>;
  /** A line that the next one replaces; undefined takes it away. Nothing where there is no terminal. */
  status(line: string | undefined): void;
  /** Resolves when everything given has left the process. */
  flush(): Promise<void>;
  /** Its reader has gone away. */
  readonly closed: AbortSignal;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** FORCE_COLOR says yes (`0`: no) before NO_COLOR says no; otherwise colour is for terminals that know it. */
export function wantsColour(env: Environment, isTerminal: boolean): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = env;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (no !== undefined && no !== "") return false;
  return isTerminal && term !== "dumb";
}

/** Colours as our own lines have them. */
// eslint-disable-next-line no-control-regex -- the escape character is what is looked for
const colours = /\u001b\[[0-9;]*m/gu;
/** What a terminal obeys, and what turns the direction of writing round. Line breaks and tabs aside. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A line of ours with the values of others in it, such as results and messages: what would move a terminal's cursor, set its title or
 * hide what stands there is shown instead of done. What steps print is not ours, and goes through `write` as it is.
 */
export function harmless(line: string, colour: boolean): string {
  const shown = (text: string): string =>
    text.replaceAll("\r\n", "\n").replace(controls, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (!colour) return shown(line);
  let out = "";
  let at = 0;
  for (const match of line.matchAll(colours)) {
    out += shown(line.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return out + shown(line.slice(at));
}

const eraseLine = "\r\u001b[2K";

/** `beside` is what shares the terminal: its status line gives way to what is written here. */
export function output(stream: Stream, env: Environment, beside?: Output): Output {
  const isTerminal = stream.isTTY === true;
  const movesCursor = isTerminal && env["TERM"] !== "dumb";
  const gone = new AbortController();
  let draining: Promise<void> | undefined;
  let status: string | undefined;

  stream.on("error", (error) => {
    if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED" && error.code !== "EIO") throw error;
    gone.abort();
  });
  const drained = (): Promise<void> => {
    draining ??= new Promise<void>((resolve) => {
      stream.once("drain", resolve);
      gone.signal.addEventListener("abort", () => resolve(), { once: true });
    }).finally(() => (draining = undefined));
    return draining;
  };
  const style: Style = { colour: wantsColour(env, isTerminal) };
  const put = (bytes: Uint8Array | string): Promise<void> => {
    if (gone.signal.aborted || bytes.length === 0) return Promise.resolve();
    if (isTerminal) beside?.status(undefined);
    if (status !== undefined) {
      stream.write(eraseLine);
      status = undefined;
    }
    return stream.write(bytes) ? Promise.resolve() : drained();
  };
  return {
    style,
    isTerminal,
    get columns() {
      return stream.columns ?? Number.POSITIVE_INFINITY;
    },
    closed: gone.signal,
    print(...lines) {
      if (lines.length > 0) void put(`${lines.map((line) => harmless(line, style.colour)).join("\n")}\n`);
    },
    write: put,
    status(line) {
      if (!movesCursor || gone.signal.aborted || line === status) return;
      const width = (stream.columns ?? 80) - 1;
      const plain = line === undefined ? undefined : harmless(line, false);
      const shown = plain === undefined ? "" : plain.length > width ? `${plain.slice(0, width - 1)}…` : plain;
      if (status !== undefined || line !== undefined) stream.write(`${eraseLine}${shown}`);
      status = line;
    },
    flush() {
      if (gone.signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        gone.signal.addEventListener("abort", () => resolve(), { once: true });
        stream.write("", () => resolve());
      });
    },
  };
}
