import { join } from "node:path";
import { type Result, succeed } from "@lapcat/diagnostic";
import { gitFailure, gitRemote } from "./git-failure.ts";
import { type GitAnswer, type GitEnvironment, gitEnvironment, runGit } from "./git-process.ts";
import { refusal } from "./refusal.ts";

export interface GitFile {
  readonly bytes: Uint8Array;
  /** The whole id of the commit that it was found in. */
  readonly commit: string;
}

export interface GitFileWish {
  readonly url: string;
  /** What the repository is called where a user reads it. */
  readonly name: string;
  readonly revision: string;
  readonly path: string;
  /** For the server of the address and no other; then the user's own credentials are not asked. */
  readonly login?: GitLogin;
}

export interface GitLogin {
  readonly username: string;
  readonly password: string;
}

export interface GitSurroundings {
  readonly environment: GitEnvironment;
  /** An empty directory. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

const limit = 8 * 1024 * 1024;

const settings = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  // Should we be killed, git does not wait for ever.
  ["http.lowSpeedLimit", "1"],
  ["http.lowSpeedTime", "60"],
] as const;

/** The trees of one commit, and of the files what is asked for: a server that cannot leave the rest out sends all. */
const fetching = ["fetch", "--quiet", "--depth=1", "--filter=blob:none", "--no-tags", "--no-recurse-submodules", "--"];
const usernameVariable = "LAPCAT_GIT_USERNAME";
const passwordVariable = "LAPCAT_GIT_PASSWORD";

type Git = (...args: readonly string[]) => Promise<GitAnswer>;

/** One file of one commit, out of the object store: nothing is checked out, so nothing of the repository's is run. */
export async function fetchGitFile(
  wish: GitFileWish,
  { environment, scratch, signal }: GitSurroundings,
): Promise<Result<GitFile>> {
  const config = [...settings, [`remote.${gitRemote}.url`, wish.url] as const, ...authorizing(wish)];
  const secrets = { [usernameVariable]: wish.login?.username, [passwordVariable]: wish.login?.password };
  const attempt = async (format: string): Promise<{ fetched: GitAnswer; repository: GitEnvironment }> => {
    const repository = gitEnvironment({ ...environment, ...secrets }, join(scratch, format), config);
    const git: Git = (...args) => runGit(args, repository, signal);
    const made = await git("init", "--quiet", "--bare", "--template=", `--object-format=${format}`);
    const fetched = made.exitCode === 0 ? await git(...fetching, gitRemote, wish.revision) : made;
    return { fetched, repository };
  };
  let { fetched, repository } = await attempt(wish.revision.length === 64 ? "sha256" : "sha1");
  const [, other] = /mismatched algorithms: client \w+; server (sha\w+)/u.exec(fetched.stderr) ?? [];
  if (other !== undefined) ({ fetched, repository } = await attempt(other));
  return fetched.exitCode === 0 ? read(wish, repository, signal) : gitFailure(fetched.stderr, wish);
}

/**
 * A credential helper, which git asks for that very server: a header of its own would go along wherever the server leads. The login
 * stands in the environment; git before 2.46 shows it only to who says 401.
 */
function authorizing({ url, login }: GitFileWish): readonly (readonly [string, string])[] {
  if (login === undefined || !/^https?:/iu.test(url) || !URL.canParse(url)) return [];
  const helper = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${usernameVariable}" "$${passwordVariable}"; }; f`;
  return [
    ["credential.helper", ""],
    [`credential.${new URL(url).origin}.helper`, helper],
    ["http.proactiveAuth", "basic"],
  ];
}

async function read(wish: GitFileWish, repository: GitEnvironment, signal: AbortSignal): Promise<Result<GitFile>> {
  const inside = wish.path.split("/").filter((part) => part !== "" && part !== ".");
  const names = ["FETCH_HEAD^{commit}", `FETCH_HEAD^{commit}:${inside.join("/")}`];
  const asked = await runGit(["cat-file", "--batch-check", "--follow-symlinks"], repository, signal, names.join("\n"));
  if (asked.exitCode !== 0) return gitFailure(asked.stderr, wish);
  const [commitLine = "", line = "", leadsTo = ""] = asked.stdout.toString().split("\n");
  const [commit = "", isCommit] = commitLine.split(" ");
  if (isCommit !== "commit")
    return refusal("resolver.missing", `${JSON.stringify(wish.revision)} in ${wish.name} is no commit`);
  const [id = "", type, size] = line.split(" ");
  const place = `${JSON.stringify(wish.path)} in ${wish.name} at ${commit.slice(0, 12)}`;
  if (id === "symlink")
    return refusal(
      "resolver.missing",
      `${place} is a link that leads out of the repository, to ${JSON.stringify(leadsTo)}`,
    );
  if (id === "loop") return refusal("resolver.missing", `${place} is a link that leads round in a circle`);
  if (type === "tree") return refusal("resolver.missing", `${place} is a directory`, "Give the path of a file");
  if (type !== "blob") return refusal("resolver.missing", `there is no file ${place}`);
  if (Number(size) > limit) return refusal("resolver.missing", `${place} is larger than 8 MiB`, "Is it a definition?");
  const content = await runGit(["cat-file", "blob", id], repository, signal);
  return content.exitCode === 0 ? succeed({ bytes: content.stdout, commit }) : gitFailure(content.stderr, wish);
}
