import { type GitLogin } from "./git-fetch.ts";

/** A repository's address and the login that stands in it apart: the one is read by others, the other is not. */
export function loginApart(url: string): {
  readonly address: string;
  /** What the repository is called where a user reads it. */
  readonly name: string;
  readonly login?: GitLogin;
} {
  const [, scheme = "", userinfo = "", rest = ""] = /^(https?:\/\/|ftps?:\/\/)([^/?#]*)@([^@]*)$/isu.exec(url) ?? [];
  if (scheme === "") return { address: url, name: url };
  const name = scheme + rest;
  const colon = userinfo.indexOf(":");
  // A user alone is left to git, whose credential helpers may know the password.
  if (colon === -1 || !scheme.toLowerCase().startsWith("http")) return { address: url, name };
  const [username, password] = [userinfo.slice(0, colon), userinfo.slice(colon + 1)].map(decoded);
  return { address: name, name, login: { username: username ?? "", password: password ?? "" } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
