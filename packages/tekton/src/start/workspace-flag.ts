import {
  didYouMean,
  fail,
  hasErrors,
  succeed,
  type Diagnostic,
  type Result,
  type SourceFile,
} from "@lapcat/diagnostic";
import { parseManifest } from "@lapcat/manifest";
import { type KeyToPath } from "../kubernetes.ts";
import { withoutNulls } from "../read/clean.ts";
import { structureDiagnostics } from "../read/structure-diagnostics.ts";
import { type WorkspaceBinding } from "../runs.ts";
import { checkStructure } from "../schema/check-structure.ts";

/** Reads a file that a flag names; whoever calls knows where it is. */
export type ReadFile = (path: string) => Result<SourceFile>;

const fields = [
  "name",
  "claimName",
  "emptyDir",
  "secret",
  "config",
  "item",
  "subPath",
  "volumeClaimTemplateFile",
  "csiFile",
] as const;
const sources = ["claimName", "emptyDir", "secret", "config", "volumeClaimTemplateFile", "csiFile"] as const;

type Field = (typeof fields)[number];
type Fields = ReadonlyMap<Field, readonly string[]>;

/** `-w name=x,claimName=y` in tkn's grammar (cli pkg/workspaces parseWorkspace). */
export function parseWorkspaceFlag(text: string, readFile?: ReadFile): Result<WorkspaceBinding> {
  const flag = `-w ${JSON.stringify(text)}`;
  const given = new Map<Field, string[]>();
  for (const part of text.split(",")) {
    const at = part.indexOf("=");
    const key = at === -1 ? part : part.slice(0, at);
    const field = fields.find((each) => each === key);
    if (field === undefined || at === -1) {
      const meant = didYouMean(key, fields);
      const hint = meant === undefined ? `a workspace is given by ${fields.join("=, ")}=` : `did you mean ${meant}=?`;
      return usage(`${flag}: ${JSON.stringify(part)} is not understood`, hint);
    }
    given.set(field, [...(given.get(field) ?? []), part.slice(at + 1)]);
  }
  const name = given.get("name")?.[0] ?? "";
  if (name === "") return usage(`${flag} has no name`, "write name=WORKSPACE,emptyDir=");
  const chosen = sources.filter((each) => given.has(each));
  const source = chosen[0];
  if (source === undefined || chosen.length > 1) {
    return usage(
      `${flag} has ${chosen.length === 0 ? "no source" : `${chosen.length} sources`}`,
      `give it one of ${sources.join(", ")}`,
    );
  }
  const subPath = given.get("subPath")?.[0];
  const base = { name, ...(subPath !== undefined && { subPath }) };
  return bound(base, source, given, flag, readFile);
}

function bound(
  base: Pick<WorkspaceBinding, "name" | "subPath">,
  source: (typeof sources)[number],
  given: Fields,
  flag: string,
  readFile: ReadFile | undefined,
): Result<WorkspaceBinding> {
  const value = given.get(source)?.[0] ?? "";
  const items = (given.get("item") ?? []).map(itemOf);
  const wrong = items.indexOf(undefined);
  if (wrong !== -1) return usage(`${flag}: item=${given.get("item")?.[wrong]} is not item=KEY=PATH`);
  const known = items.filter((each): each is KeyToPath => each !== undefined);
  const withItems = known.length > 0 ? { items: known } : {};
  switch (source) {
    case "claimName":
      return succeed({ ...base, persistentVolumeClaim: { claimName: value } });
    case "secret":
      return succeed({ ...base, secret: { secretName: value, ...withItems } });
    case "config":
      return succeed({ ...base, configMap: { name: value, ...withItems } });
    case "emptyDir": {
      if (!["", "Memory", "HugePages"].includes(value)) return usage(`${flag}: emptyDir is empty, Memory or HugePages`);
      return succeed({ ...base, emptyDir: value === "" ? {} : { medium: value } });
    }
    case "csiFile":
      return fail([
        { code: "field.unsupported", severity: "error", message: `${flag}: CSI volumes exist in clusters only` },
      ]);
    case "volumeClaimTemplateFile":
      return templateFrom(base, value, readFile);
  }
}

function itemOf(text: string): KeyToPath | undefined {
  const at = text.indexOf("=");
  return at < 1 ? undefined : { key: text.slice(0, at), path: text.slice(at + 1) };
}

function templateFrom(
  base: Pick<WorkspaceBinding, "name" | "subPath">,
  path: string,
  readFile: ReadFile | undefined,
): Result<WorkspaceBinding> {
  if (readFile === undefined) return usage(`the file ${path} cannot be read here`);
  const file = readFile(path);
  if (!file.ok) return file;
  const documents = parseManifest(file.value);
  if (!documents.ok) return documents;
  const [document] = documents.value;
  if (document === undefined) return usage(`${path} holds no volume claim template`);
  const value = withoutNulls(document.value);
  const problems: readonly Diagnostic[] = structureDiagnostics(
    checkStructure("PersistentVolumeClaim", value),
    value,
    document,
  );
  if (hasErrors(problems)) return fail(problems);
  const { metadata, spec } = value as NonNullable<WorkspaceBinding["volumeClaimTemplate"]>;
  const volumeClaimTemplate = { ...(metadata && { metadata }), ...(spec && { spec }) };
  return succeed({ ...base, volumeClaimTemplate }, problems);
}

function usage(message: string, hint?: string): Result<never> {
  return fail([{ code: "usage", severity: "error", message, ...(hint !== undefined && { hint }) }]);
}
