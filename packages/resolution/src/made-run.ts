import { type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { type Located, type Pipeline, type RunFlags, type Task } from "@lapcat/tekton";
import { sharedWorkspaceHint, tasksThatUse } from "./workspace-flags.ts";

/**
 * What a run made of a bare Pipeline or Task was not given. Nobody wrote that run, so this is told where the Pipeline or Task
 * declares what it needs, before a plan could tell it of the run.
 */
export function missingOfMadeRun(definition: Located<Pipeline | Task>, flags: RunFlags): readonly Diagnostic[] {
  const { resource, origin } = definition;
  const { name = "" } = resource.metadata;
  const of = `${resource.kind} ${JSON.stringify(name)}`;
  const missing = (code: Diagnostic["code"], path: Path, message: string, hint: string): Diagnostic => ({
    code,
    severity: "error",
    message,
    span: origin.spanOf([...path, "name"]),
    path: formatPath([...path, "name"]),
    hint,
  });
  const params = new Set(flags.params?.map((each) => each.name));
  const workspaces = new Set(flags.workspaces?.map((each) => each.name));
  return [
    ...(resource.spec.params ?? []).flatMap((param, index) =>
      param.default !== undefined || params.has(param.name)
        ? []
        : missing(
            "param.missing",
            ["spec", "params", index],
            `param "${param.name}" of ${of} has no default and was given no value`,
            `Give -p ${param.name}=…`,
          ),
    ),
    ...(resource.spec.workspaces ?? []).flatMap((workspace, index) =>
      workspace.optional === true || workspaces.has(workspace.name)
        ? []
        : missing(
            "workspace.missing",
            ["spec", "workspaces", index],
            `workspace "${workspace.name}" of ${of} was not bound`,
            resource.kind === "Pipeline" && tasksThatUse(resource.spec, workspace.name).length > 1
              ? sharedWorkspaceHint(workspace.name)
              : `Give -w name=${workspace.name},emptyDir= for an empty volume`,
          ),
    ),
  ];
}
