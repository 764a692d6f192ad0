import { type TaskSpec, type WorkspaceDeclaration } from "../task.ts";
import { cleanPath } from "./formats.ts";
import { needApiFields } from "./gates.ts";
import { inside, meantHint, named, report, within, type Scope } from "./scope.ts";

/** validateDeclaredWorkspaces: names and mount paths are each used once. */
export function checkTaskWorkspaces(scope: Scope, spec: TaskSpec): void {
  const mounts = [...(spec.steps ?? []), ...(spec.stepTemplate ? [spec.stepTemplate] : [])];
  const paths = new Set(
    mounts.flatMap(({ volumeMounts }) => (volumeMounts ?? []).map((mount) => cleanPath(mount.mountPath))),
  );
  const names = new Set<string>();
  spec.workspaces?.forEach((workspace, index) => {
    const place = within(scope, index);
    if (names.has(workspace.name)) {
      report(within(place, "name"), "field.duplicate", `another workspace is named ${workspace.name}`);
    }
    names.add(workspace.name);
    const path = cleanPath(mountPathOf(workspace));
    if (paths.has(path))
      report(
        named(inside(place, "mountPath"), "mountpath"),
        "field.duplicate",
        `something else is mounted at ${path} already`,
      );
    paths.add(path);
  });
}

/** WorkspaceDeclaration.GetMountPath. */
export function mountPathOf(workspace: WorkspaceDeclaration): string {
  return (workspace.mountPath ?? "") === "" ? `/workspace/${workspace.name}` : (workspace.mountPath ?? "");
}

/** validateWorkspaceUsages: steps and sidecars name workspaces that the Task declares. */
export function checkWorkspaceUsages(scope: Scope, spec: TaskSpec): void {
  const names = new Set((spec.workspaces ?? []).map(({ name }) => name));
  for (const list of ["steps", "sidecars"] as const) {
    spec[list]?.forEach((container, index) => {
      const place = within(scope, list, index);
      if ((container.workspaces ?? []).length > 0) {
        needApiFields(place, "workspaces", "a workspace of a single step or sidecar", "beta");
      }
      container.workspaces?.forEach(({ name }, at) => {
        if (names.has(name)) return;
        const hint = meantHint(name, names);
        report(
          within(place, "workspaces", at, "name"),
          "reference.unknown",
          `there is no workspace ${JSON.stringify(name)}`,
          { hint },
        );
      });
    });
  }
}
