import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { type ClusterObjects, type Located, type ResolvedRun, tasksOf, type TektonResource } from "@lapcat/tekton";
import { isKind } from "./kind.ts";
import { objectChecker } from "./needed-objects.ts";

export function objectsOf(resources: readonly Located[]): ClusterObjects {
  return {
    secrets: byName(resources.filter(isKind("Secret"))),
    configMaps: byName(resources.filter(isKind("ConfigMap"))),
    serviceAccounts: byName(resources.filter(isKind("ServiceAccount"))),
    claims: byName(resources.filter(isKind("PersistentVolumeClaim"))),
  };
}

function byName<R extends TektonResource>(located: readonly Located<R>[]): ReadonlyMap<string, Located<R>> {
  return new Map(
    located.flatMap((each) =>
      each.resource.metadata.name === undefined ? [] : [[each.resource.metadata.name, each] as const],
    ),
  );
}

/** What a closed run refers to by name and was not given. */
export function checkObjects(resolved: ResolvedRun): readonly Diagnostic[] {
  const checker = objectChecker(resolved.objects);
  const { origin } = resolved.run;
  const accounts: Diagnostic[] = [];
  const account = (name: string | undefined, path: Path): void => {
    accounts.push(...checkServiceAccount(resolved, name, path));
  };
  if (resolved.kind === "TaskRun") {
    const { spec } = resolved.run.resource;
    account(spec.serviceAccountName, ["spec", "serviceAccountName"]);
    checker.workspaces(spec.workspaces, { origin, path: ["spec", "workspaces"] });
    checker.podTemplate(spec.podTemplate, { origin, path: ["spec", "podTemplate"] });
    checker.task(resolved.task.spec, resolved.task);
  } else {
    const { spec } = resolved.run.resource;
    account(spec.taskRunTemplate?.serviceAccountName, ["spec", "taskRunTemplate", "serviceAccountName"]);
    checker.workspaces(spec.workspaces, { origin, path: ["spec", "workspaces"] });
    checker.podTemplate(spec.taskRunTemplate?.podTemplate, {
      origin,
      path: ["spec", "taskRunTemplate", "podTemplate"],
    });
    spec.taskRunSpecs?.forEach((each, index) => {
      account(each.serviceAccountName, ["spec", "taskRunSpecs", index, "serviceAccountName"]);
      checker.podTemplate(each.podTemplate, { origin, path: ["spec", "taskRunSpecs", index, "podTemplate"] });
    });
    for (const task of tasksOf(resolved)) checker.task(task.spec, task);
  }
  return [...accounts, ...checker.diagnostics];
}

/** The account `default` is there without a document, as in a cluster; a Secret it names and lacks only means fewer credentials. */
function checkServiceAccount(
  { objects, run }: ResolvedRun,
  name: string | undefined,
  path: Path,
): readonly Diagnostic[] {
  if (name === undefined || name === "" || name.includes("$(")) return [];
  const located = objects.serviceAccounts.get(name);
  if (located === undefined) {
    if (name === "default") return [];
    const near = didYouMean(name, objects.serviceAccounts.keys());
    const hint = near !== undefined ? `Did you mean ${near}?` : "Give its document with -f, or leave the name out";
    return [
      {
        code: "serviceaccount.missing",
        severity: "error",
        message: `there is no ServiceAccount ${JSON.stringify(name)} among the documents`,
        span: run.origin.spanOf(path),
        path: formatPath(path),
        hint,
      },
    ];
  }
  return located.resource.secrets.flatMap((secret, index): readonly Diagnostic[] => {
    if (objects.secrets.has(secret.name)) return [];
    const at = ["secrets", index, "name"];
    return [
      {
        code: "secret.missing",
        severity: "warning",
        message: `there is no Secret ${JSON.stringify(secret.name)}, which the ServiceAccount ${name} names: its credentials are not used`,
        span: located.origin.spanOf(at),
        path: formatPath(at),
        hint: `Give it with -f, or with --secret ${secret.name}=FILE`,
      },
    ];
  });
}
