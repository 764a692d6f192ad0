import { asVolumeName, type VolumeName } from "@lapcat/engine";

/** Where Tekton keeps its own things in a step (pkg/apis/pipeline/paths.go). */
export const internalPaths = {
  workspace: "/workspace",
  home: "/tekton/home",
  results: "/tekton/results",
  artifacts: "/tekton/artifacts",
  steps: "/tekton/steps",
  run: "/tekton/run",
  scripts: "/tekton/scripts",
  creds: "/tekton/creds",
  step: (container: string): string => `/tekton/steps/${container}`,
} as const;

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
