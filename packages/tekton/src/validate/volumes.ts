import { type TaskSpec } from "../task.ts";
import { meantHint, report, within, type Scope } from "./scope.ts";

/** ValidateVolumes; and, as a warning, what only a pod would fail at: a mount of a volume that is not there. */
export function checkVolumes(scope: Scope, spec: TaskSpec): void {
  const names = new Set<string>();
  spec.volumes?.forEach((volume, index) => {
    const name = (volume.name as string | undefined) ?? "";
    if (names.has(name)) {
      report(
        within(scope, "volumes", index, "name"),
        "field.duplicate",
        `another volume is named ${JSON.stringify(name)}`,
      );
    }
    names.add(name);
    if (Object.keys(volume).every((key) => key === "name")) {
      report(within(scope, "volumes", index), "field.missing", `the volume ${name} has no source`, {
        severity: "warning",
        hint: "write emptyDir: {} for an empty one",
      });
    }
  });
  // What a param names is known when the run is.
  if ([...names].some((name) => name.includes("$("))) return;
  for (const list of ["steps", "sidecars"] as const) {
    spec[list]?.forEach((container, index) => {
      container.volumeMounts?.forEach(({ name }, at) => {
        if (names.has(name) || name.includes("$(") || name.startsWith("ws-") || name.startsWith("tekton-internal-"))
          return;
        report(
          within(scope, list, index, "volumeMounts", at, "name"),
          "reference.unknown",
          `there is no volume ${JSON.stringify(name)}`,
          {
            severity: "warning",
            hint: meantHint(name, names),
          },
        );
      });
    });
  }
}
