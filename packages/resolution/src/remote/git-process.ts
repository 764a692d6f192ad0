import { spawn } from "node:child_process";
import { once } from "node:events";
import { atDeath } from "./at-death.ts";

export type GitEnvironment = Readonly<Record<string, string | undefined>>;

export interface GitAnswer {
  readonly exitCode: number | null;
  readonly stdout: Buffer;
  /** With its beginning only, should it be long. */
  readonly stderr: string;
}

const grace = 500;
const limit = 64 * 1024;

/**
 * Runs the user's git in a session of its own: nothing in it can ask at the terminal, and when the signal says so all of it goes (`git
 * fetch` alone would leave its transport and ssh behind). Rejects with the signal's reason, or where there is no git.
 */
export async function runGit(
  args: readonly string[],
  environment: GitEnvironment,
  signal: AbortSignal,
  input = "",
): Promise<GitAnswer> {
  signal.throwIfAborted();
  const git = spawn("git", args, { env: { ...environment }, detached: true });
  const closed = once(git, "close");
  const stop = (name: NodeJS.Signals): void => {
    if (git.pid === undefined) return;
    try {
      process.kill(-git.pid, name);
    } catch {
      // It has gone.
    }
  };
  let late: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    stop("SIGTERM");
    late = setTimeout(stop, grace, "SIGKILL");
  };
  signal.addEventListener("abort", onAbort, { once: true });
  using _death = atDeath(() => stop("SIGKILL"));
  const stdout: Buffer[] = [];
  let stderr = "";
  git.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  git.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr = (stderr + chunk).slice(0, limit);
  });
  // A git that ends before it has read all tells why by itself.
  git.stdin.on("error", () => {}).end(input);
  try {
    const [exitCode]: (number | null)[] = await closed;
    signal.throwIfAborted();
    return { exitCode: exitCode ?? null, stdout: Buffer.concat(stdout), stderr };
  } finally {
    clearTimeout(late);
    // What it began may outlive it.
    if (signal.aborted) stop("SIGKILL");
    signal.removeEventListener("abort", onAbort);
  }
}

/** As `git rev-parse --local-env-vars` has them, but for the configuration: of a repository in whose hook or alias we may run. */
const ofAnotherRepository = [
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_CONFIG",
  "GIT_OBJECT_DIRECTORY",
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_GRAFT_FILE",
  "GIT_INDEX_FILE",
  "GIT_NO_REPLACE_OBJECTS",
  "GIT_REPLACE_REF_BASE",
  "GIT_PREFIX",
  "GIT_SHALLOW_FILE",
  "GIT_COMMON_DIR",
  "GIT_NAMESPACE",
  "GIT_QUARANTINE_PATH",
  "GIT_TEMPLATE_DIR",
];

/**
 * The user's environment, so that proxies, authorities, ssh and credential helpers are as in any `git fetch`, for one bare repository. The
 * configuration goes this way too: nobody else sees it, as they would see arguments, and none of it is written down.
 */
export function gitEnvironment(
  base: GitEnvironment,
  repository: string,
  config: readonly (readonly [key: string, value: string])[],
): GitEnvironment {
  const kept = Object.entries(base).filter(
    ([name]) => !ofAnotherRepository.includes(name) && !/^GIT_(?:TRACE|REDIRECT_|CURL_VERBOSE)/u.test(name),
  );
  const before = Number(base["GIT_CONFIG_COUNT"] ?? 0) || 0;
  const added = config.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${before + index}`, key],
    [`GIT_CONFIG_VALUE_${before + index}`, value],
  ]);
  return {
    GIT_ALLOW_PROTOCOL: "file:ftp:ftps:git:http:https:ssh",
    ...Object.fromEntries([...kept, ...added]),
    GIT_CONFIG_COUNT: String(before + config.length),
    GIT_DIR: repository,
    GIT_TERMINAL_PROMPT: "0",
    GCM_INTERACTIVE: "never",
    SSH_ASKPASS_REQUIRE: "never",
    LC_ALL: "C",
  };
}
