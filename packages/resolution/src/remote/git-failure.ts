import { type Result } from "@lapcat/diagnostic";
import { refusal } from "./refusal.ts";

/** What the repository is called in git's configuration. */
export const gitRemote = "lapcat";

interface Asked {
  /** What the repository is called where a user reads it. */
  readonly name: string;
  readonly revision: string;
}

/** What git says when it may not, or would have to ask. */
const unauthorized =
  /could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|returned error: 40[137]\b|HTTP code 407|Permission denied|Host key verification failed|access denied|HTTP Basic: Access denied/iu;
const noRepository =
  /does not appear to be a git repository|repository .+ (?:not found|does not exist)|Repository not found|returned error: 404\b|repository not exported|Could not find repository/iu;
const noRevision =
  /couldn't find remote ref|not our ref|no such remote ref|unadvertised object|bad revision|invalid refspec|Invalid refspec/iu;

/** From 2.31 on git takes configuration from its environment; before, it knows no remote of that name, or not even the option. */
const tooOld = new RegExp(`'${gitRemote}' does not appear to be a git repository|unknown option .object-format`, "u");

/** A failed `git fetch` in words: its own say little of who is to do what. */
export function gitFailure<T>(stderr: string, { name, revision }: Asked): Result<T> {
  const said = inWords(stderr);
  if (tooOld.test(stderr))
    return refusal(
      "resolver.unreachable",
      "this machine's git is too old for the git resolver",
      "It has to be 2.31 or later",
    );
  if (noRevision.test(stderr)) {
    const hint = /^[0-9a-f]{4,39}$/u.test(revision)
      ? "A commit is named by all digits of its id: no server finds it by the first ones"
      : /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(revision)
        ? "Some servers give only commits that a branch or a tag leads to"
        : "Is it a branch or a tag of that repository?";
    return refusal("resolver.missing", `there is no ${JSON.stringify(revision)} in ${name}`, hint);
  }
  if (unauthorized.test(stderr))
    return refusal(
      "resolver.unauthorized",
      `${name} wants other credentials: ${said}`,
      "The param gitToken names a Secret with a token; without it, your own git credential helper and ssh agent are asked, but no terminal",
    );
  if (noRepository.test(stderr)) return refusal("resolver.missing", `there is no repository ${name}: ${said}`);
  return refusal("resolver.unreachable", `${name} cannot be fetched: ${said}`);
}

/** The lines that say what happened, without git's advice. */
function inWords(stderr: string): string {
  const lines = stderr
    .split("\n")
    .map((line) => line.replace(/^(?:fatal|error|remote): /u, "").trim())
    .filter((line) => line !== "" && !/^(?:Please make sure|and the repository exists|hint:|warning:)/u.test(line));
  const said = [...new Set(lines)].join("; ");
  return said === "" ? "git does not say why" : said.length > 400 ? `${said.slice(0, 400)} …` : said;
}
