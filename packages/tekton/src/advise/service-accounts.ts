import { type Path } from "@lapcat/manifest";
import { meantHint } from "../validate/scope.ts";
import { type Advice } from "./advice.ts";
import { quoted } from "./fitting.ts";

/** Runs whose ServiceAccount is not among the documents; every namespace has a `default`. */
export function adviseOnServiceAccounts({ resources, known, say }: Advice): void {
  for (const { resource, origin } of resources) {
    const check = (name: string | undefined, path: Path): void => {
      if (
        name === undefined ||
        ["", "default"].includes(name) ||
        name.includes("$(") ||
        known.serviceAccounts.has(name)
      )
        return;
      say(
        { origin, path },
        "serviceaccount.missing",
        `there is no ServiceAccount ${quoted(name)} among the documents`,
        {
          hint: meantHint(name, known.serviceAccounts) ?? "give its file with -f too, unless it is in the cluster",
        },
      );
    };
    if (resource.kind === "TaskRun") check(resource.spec.serviceAccountName, ["spec", "serviceAccountName"]);
    if (resource.kind !== "PipelineRun") continue;
    check(resource.spec.taskRunTemplate?.serviceAccountName, ["spec", "taskRunTemplate", "serviceAccountName"]);
    resource.spec.taskRunSpecs?.forEach(({ serviceAccountName }, index) =>
      check(serviceAccountName, ["spec", "taskRunSpecs", index, "serviceAccountName"]),
    );
  }
}
