import { type Diagnostic, fail, type Result, succeed } from "@lapcat/diagnostic";
import { newestVersion, oldestVersion, readVersion, type TektonVersion, versionText } from "@lapcat/tekton";

export interface VersionOptions {
  readonly tektonVersion?: string;
}

/** The version that was asked for; undefined is the newest. */
export function versionOf({ tektonVersion: text }: VersionOptions): Result<TektonVersion | undefined> {
  if (text === undefined) return succeed(undefined);
  const read = readVersion(text);
  const said = `--tekton-version ${text}`;
  const known = `versions from ${versionText(oldestVersion)} to ${versionText(newestVersion)} are known`;
  const told = (severity: Diagnostic["severity"], message: string): Diagnostic => ({
    code: "usage",
    severity,
    message,
    hint: known,
  });
  switch (read) {
    case "unreadable":
      return fail([told("error", `${said} is no version of Tekton Pipelines`)]);
    case "too-old":
      return fail([told("error", `${said} is older than what lapcat can behave as`)]);
    case "too-new":
      return succeed(undefined, [
        told("warning", `${said} is not known yet: ${versionText(newestVersion)} is followed`),
      ]);
    default:
      return succeed(read);
  }
}
