import { asVolumeName, type VolumeName } from "@lapcat/engine";

export const internalVolumes: Readonly<
  Record<"workspace" | "home" | "results" | "artifacts" | "steps" | "run" | "scripts" | "certificates", VolumeName>
> = {
  workspace: asVolumeName("tekton-internal-workspace"),
  home: asVolumeName("tekton-internal-home"),
  results: asVolumeName("tekton-internal-results"),
  artifacts: asVolumeName("tekton-internal-artifacts"),
  steps: asVolumeName("tekton-internal-steps"),
  run: asVolumeName("tekton-internal-run"),
  scripts: asVolumeName("tekton-internal-scripts"),
  certificates: asVolumeName("lapcat-certificates"),
};
