import { type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { type Origin, type Ref } from "@lapcat/tekton";

const taskKinds: ReadonlySet<string> = new Set(["Task", "ClusterTask", "NamespacedTask"]);

/** Why a reference by name, whose variables are replaced, cannot be followed, if so. `path` is the reference's. */
export function refusedRef(
  ref: Ref,
  wanted: "Task" | "Pipeline" | "StepAction",
  origin: Origin,
  path: Path,
): Diagnostic | undefined {
  if (ref.name?.includes("$(") === true) {
    return unsupported(
      origin,
      [...path, "name"],
      `the name depends on ${/\$\([^)]*\)?/u.exec(ref.name)?.[0]}, which has no value before the run begins`,
      "Write the name out, or make it of params of the run",
    );
  }
  if (wanted === "Task" && (ref.apiVersion ?? "") !== "" && ref.kind !== undefined && !taskKinds.has(ref.kind)) {
    return unsupported(
      origin,
      [...path, "kind"],
      `custom tasks (${ref.apiVersion ?? ""} ${ref.kind}) are not executed by themselves`,
      "A Pipeline may refer to one, and lapcat run --custom-task runs it",
    );
  }
  return undefined;
}

export function unsupported(origin: Origin, path: Path, message: string, hint: string): Diagnostic {
  return {
    code: "field.unsupported",
    severity: "error",
    message,
    span: origin.keySpanOf(path),
    path: formatPath(path),
    hint,
  };
}
