import { readFileSync } from "node:fs";
import { didYouMean, type Diagnostic, fail, hasErrors, type Result, sourceFile, succeed } from "@lapcat/diagnostic";
import { whyUnreadable } from "@lapcat/resolution";
import {
  type Located,
  paramFlagName,
  type ParamSpec,
  parseDuration,
  parseParamFlag,
  parseWorkspaceFlag,
  type ReadFile,
  type RunFlags,
  type TektonResource,
} from "@lapcat/tekton";

/** The options that say how a run differs from what its documents say; as commander gives them. */
export interface RunFlagOptions {
  readonly param: readonly string[];
  readonly workspace: readonly string[];
  readonly labels: readonly string[];
  readonly serviceaccount?: string;
  readonly namespace?: string;
  readonly timeout?: string;
}

function usage(message: string, hint?: string): Diagnostic {
  return { code: "usage", severity: "error", message, ...(hint === undefined ? {} : { hint }) };
}

/** What the options say of the run; a param's text is read as the type that is declared. */
export function flagsOf(options: RunFlagOptions, declared: readonly ParamSpec[]): Result<RunFlags> {
  const diagnostics: Diagnostic[] = [];
  const params = options.param.flatMap((text) => {
    const name = paramFlagName(text);
    const spec = declared.find((each) => each.name === name);
    const parsed = parseParamFlag(text, spec);
    diagnostics.push(...parsed.diagnostics, ...(spec === undefined ? misspelt(name, declared) : []));
    return parsed.ok ? [parsed.value] : [];
  });
  const workspaces = options.workspace.flatMap((text) => {
    const parsed = parseWorkspaceFlag(text, readTemplate);
    diagnostics.push(...parsed.diagnostics);
    return parsed.ok ? [parsed.value] : [];
  });
  const labels: [string, string][] = [];
  for (const pair of options.labels.flatMap((text) => text.split(","))) {
    const at = pair.indexOf("=");
    if (at < 1) diagnostics.push(usage(`-l ${JSON.stringify(pair)} is not KEY=VALUE`));
    else labels.push([pair.slice(0, at), pair.slice(at + 1)]);
  }
  const { timeout, serviceaccount } = options;
  if (timeout !== undefined && parseDuration(timeout) === undefined)
    diagnostics.push(
      usage(`--timeout ${JSON.stringify(timeout)} is not a duration`, "write 90s, 10m or 1h30m; 0 is no limit"),
    );
  if (hasErrors(diagnostics)) return fail(diagnostics);
  return succeed(
    {
      ...(params.length === 0 ? {} : { params }),
      ...(workspaces.length === 0 ? {} : { workspaces }),
      ...(labels.length === 0 ? {} : { labels: Object.fromEntries(labels) }),
      ...(serviceaccount === undefined ? {} : { serviceAccount: serviceaccount }),
      ...(timeout === undefined ? {} : { timeouts: { pipeline: timeout } }),
    },
    diagnostics,
  );
}

/** A param that nothing declares is Tekton's to pass on to embedded Tasks; one that is nearly another's name is a slip. */
function misspelt(name: string, declared: readonly ParamSpec[]): readonly Diagnostic[] {
  const near = didYouMean(
    name,
    declared.map((each) => each.name),
  );
  if (near === undefined) return [];
  return [
    {
      code: "param.unknown",
      severity: "warning",
      message: `nothing declares the param ${JSON.stringify(name)} given with -p`,
      hint: `did you mean ${near}?`,
    },
  ];
}

/** Documents without a namespace are in the one that was asked for, as with `kubectl apply -n`. */
export function inNamespace(resources: readonly Located[], namespace: string | undefined): readonly Located[] {
  if (namespace === undefined) return resources;
  return resources.map((each) => moved(each, namespace));
}

function moved<R extends TektonResource>({ resource, origin }: Located<R>, namespace: string): Located<R> {
  return { origin, resource: { ...resource, metadata: { namespace, ...resource.metadata } } };
}

const readTemplate: ReadFile = (path) => {
  try {
    return succeed(sourceFile(path, readFileSync(path, "utf8")));
  } catch (cause) {
    const message = `-w volumeClaimTemplateFile: ${path} cannot be read: ${whyUnreadable(cause)}`;
    return fail([{ code: "file.unreadable", severity: "error", message }]);
  }
};

/** `--task NAME@VERSION` by name. */
export function pinsOf(texts: readonly string[]): Result<ReadonlyMap<string, string>> {
  const pins = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const [name = "", version = "", ...more] = text.split("@");
    if (name === "" || version === "" || more.length > 0)
      diagnostics.push(usage(`--task ${JSON.stringify(text)} is not NAME@VERSION`, "such as --task git-clone@0.9"));
    else pins.set(name, version);
  }
  return diagnostics.length > 0 ? fail(diagnostics) : succeed(pins);
}
