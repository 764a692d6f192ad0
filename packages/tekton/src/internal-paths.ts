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
  step: (pathName: string): string => `/tekton/steps/${pathName}`,
} as const;
