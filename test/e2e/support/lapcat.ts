import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { root } from "./clients.ts";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The same, when it ended with 0; otherwise fails with all it said. */
export function succeeded(ended: Ended): Ended {
  if (ended.code === 0) return ended;
  throw new Error(`lapcat ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
}

export interface Going {
  /** Resolves when standard output has this; rejects when it ends without. */
  says(text: string): Promise<void>;
  kill(signal: "SIGINT" | "SIGKILL"): void;
  readonly ended: Promise<Ended>;
}

/** A place of our own for a file of tests: what lapcat keeps, and the documents it is given. */
export interface Home {
  readonly directory: string;
  /** What lapcat keeps: its LAPCAT_HOME. */
  readonly keeps: string;
  lapcat(...args: readonly string[]): Promise<Ended>;
  /** The same with more environment variables; one that is undefined is taken away. */
  lapcatWith(env: Readonly<Record<string, string | undefined>>, ...args: readonly string[]): Promise<Ended>;
  /** A run to be watched or ended while it goes on. */
  start(env: Readonly<Record<string, string | undefined>>, ...args: readonly string[]): Going;
  /** Writes a document and gives its path. */
  file(name: string, text: string): string;
  /** Ids of the runs that are recorded. */
  runs(): readonly string[];
  /** Every text that lapcat keeps. */
  kept(): string;
  remove(): void;
}

const program = join(root, "packages/cli/bin/lapcat");
/** Variables of whoever runs the tests that would change what lapcat does. */
const foreign = /^(?:LAPCAT_|DOCKER_|CONTAINER_HOST$|CONTAINERS_CONF$|FORCE_COLOR$|NO_COLOR$|XDG_STATE_HOME$)/u;

/** Where lapcat runs: on this very machine, or where it has directories of its own. */
export interface Place {
  /** The directory for what tests make, as lapcat sees it. */
  readonly temporary: string;
  /** A path of lapcat's as the tests see it. */
  seen(path: string): string;
  /** How a program is called there, in `directory`. */
  call(directory: string, args: readonly string[]): readonly string[];
}

const here: Place = {
  temporary: tmpdir(),
  seen: (path) => path,
  call: (_directory, args) => [program, ...args],
};

export function temporaryHome(env: Readonly<Record<string, string | undefined>> = {}, place: Place = here): Home {
  const made = mkdtempSync(join(place.seen(place.temporary), "lapcat-e2e-"));
  const directory = join(place.temporary, basename(made));
  const kept = join(directory, "home");
  const keptSeen = place.seen(kept);
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !foreign.test(name) || name === "DOCKER_HOST"),
  );
  const start: Home["start"] = (more, ...args) => {
    const [command = "", ...rest] = place.call(directory, args);
    const child = execa(command, rest, {
      cwd: made,
      env: { ...inherited, LAPCAT_HOME: kept, ...env, ...more },
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      timeout: 120_000,
    });
    const ended = child.then(({ exitCode, stdout, stderr, shortMessage = "" }): Ended => {
      if (exitCode === undefined) throw new Error(`${shortMessage}\n${stdout}\n${stderr}`);
      return { code: exitCode, stdout, stderr };
    });
    const says = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        let said = "";
        child.stdout.on("data", (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes(text)) resolve();
        });
        void ended.then(
          ({ code, stdout, stderr }) => reject(new Error(`ended with ${code} without ${text}:\n${stdout}\n${stderr}`)),
          reject,
        );
      });
    return { says, kill: (signal) => child.kill(signal), ended };
  };
  const lapcatWith: Home["lapcatWith"] = (more, ...args) => start(more, ...args).ended;
  return {
    directory,
    keeps: kept,
    start,
    lapcatWith,
    lapcat: (...args) => lapcatWith({}, ...args),
    file(name, text) {
      const path = join(directory, name);
      mkdirSync(dirname(place.seen(path)), { recursive: true });
      writeFileSync(place.seen(path), text);
      return path;
    },
    runs: () =>
      existsSync(join(keptSeen, "runs"))
        ? readdirSync(join(keptSeen, "runs")).filter((each) => !each.startsWith("."))
        : [],
    kept: () =>
      existsSync(keptSeen)
        ? readdirSync(keptSeen, { recursive: true, withFileTypes: true })
            .filter((each) => each.isFile())
            .map((each) => readFileSync(join(each.parentPath, each.name), "utf8"))
            .join("\n")
        : "",
    remove: () => rmSync(made, { recursive: true, force: true }),
  };
}
