import { type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { type Origin, type Ref } from "@lapcat/tekton";

const remedies: Readonly<Record<string, string>> = {
  git: "Clone the repository and give the file with -f",
  hub: "Give a clone of the catalog with --catalog DIR, and name the Task in taskRef.name",
  http: "Give the address with -f, and refer to the object by its name",
  bundles: "Extract the bundle's documents and give them with -f",
  cluster: "Save the object to a file (kubectl get -o yaml) and give it with -f",
};

const taskKinds: ReadonlySet<string> = new Set(["Task", "ClusterTask", "NamespacedTask"]);

/** Why a reference cannot be followed, if so. `path` is the reference's. */
export function refusedRef(
  ref: Ref,
  wanted: "Task" | "Pipeline" | "StepAction",
  origin: Origin,
  path: Path,
): Diagnostic | undefined {
  if (ref.resolver !== undefined) {
    const hint = remedies[ref.resolver] ?? "Give the object's file with -f, and refer to it by its name";
    return unsupported(
      origin,
      [...path, "resolver"],
      `the resolver ${JSON.stringify(ref.resolver)} is not executed yet`,
      hint,
    );
  }
  if (ref.name?.includes("$(") === true) {
    return unsupported(
      origin,
      [...path, "name"],
      "a reference's name that is itself made from params is not executed yet",
      "Write the name out",
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
