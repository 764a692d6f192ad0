/** Something that a release of Tekton began to do otherwise, and that is followed here on both sides. */
export interface VersionChange {
  /** The first release that does. */
  readonly since: string;
  readonly before: string;
  readonly after: string;
  /** Where upstream changed it. */
  readonly source: string;
  /** What a cluster could say about it itself, while upstream let it. */
  readonly flags?: readonly VersionFlag[];
}

/** A key of the ConfigMap `feature-flags`, from a release to a release. */
export interface VersionFlag {
  readonly key: string;
  readonly since: string;
  readonly last: string;
  /** The values with which it is as after the change; `true` in every spelling if nothing is said. */
  readonly values?: readonly string[];
}

/** Every behaviour that `--tekton-version` selects: found in upstream's sources, tag by tag. */
const entries = {
  // Names
  "child-names-derived": {
    since: "v0.30",
    before: "a TaskRun of a Pipeline is `<run>-<task>-<5 characters>`, the run and task cut at 57 characters",
    after: "`<run>-<task>`; hashed where it is longer than 63 characters",
    source: "pkg/reconciler/pipelinerun/resources/pipelinerunresolution.go, GetTaskRunName",
  },
  "pod-names-derived": {
    since: "v0.30",
    before: "a Pod is `<TaskRun>-pod-<5 characters>`",
    after: "`<TaskRun>-pod`, and `-pod-retry<n>` when it is tried again",
    source: "pkg/pod/pod.go, Build",
  },
  // Pods
  "home-of-image": {
    since: "v0.24",
    before: "every step has `HOME=/tekton/home`",
    after: "`HOME` is the image's",
    source: "pkg/apis/config/feature_flags.go, disable-home-env-overwrite",
    flags: [{ key: "disable-home-env-overwrite", since: "v0.15", last: "v0.28" }],
  },
  "working-dir-of-image": {
    since: "v0.24",
    before: "a step without `workingDir` runs in `/workspace`",
    after: "it runs in the image's own",
    source: "pkg/apis/config/feature_flags.go, disable-working-directory-overwrite",
    flags: [{ key: "disable-working-directory-overwrite", since: "v0.15", last: "v0.32" }],
  },
  "scripts-verbatim": {
    since: "v0.25",
    before: "Kubernetes makes `$` of `$$` in scripts too, which stood in the arguments of an init container",
    after: "scripts are left as they are written",
    source: "pkg/pod/script.go, convertListOfSteps; decode-script",
  },
  "scripts-quiet": {
    since: "v0.32",
    before: "a script without `#!` runs under `set -xe`: its commands are printed",
    after: "under `set -e`",
    source: "pkg/pod/script.go, defaultScriptPreamble",
  },
  "git-logins-by-path": {
    since: "v1.11",
    before: "a git login is used for its whole host, whatever path its annotation has",
    after: "a login with a path is for that repository: `useHttpPath`, aliases of hosts with `insteadOf`",
    source: "pkg/credentials/gitcreds",
  },
  "pod-template-params": {
    since: "v1.3",
    before: "`$(params.x)` in a podTemplate stays as it is",
    after: "it is replaced",
    source: "pkg/reconciler/taskrun/resources/apply.go, ApplyPodTemplateReplacements",
  },
  // Params and variables
  "extra-params-ignored": {
    since: "v0.41",
    before: "params that a Task does not declare fail the run before anything starts: `didn't need these params …`",
    after: "they are passed over",
    source: "pkg/reconciler/taskrun/validate_resources.go, validateParams",
  },
  "params-propagated": {
    since: "v0.41",
    before: "a run's params reach no embedded Task but by its own `params`",
    after: "they are replaced in embedded Tasks",
    source: "pkg/reconciler/pipelinerun/resources/apply.go, propagateParams",
    flags: [{ key: "enable-api-fields", since: "v0.36", last: "v0.40", values: ["alpha"] }],
  },
  "workspaces-propagated": {
    since: "v0.47",
    before: "a run's workspaces reach no embedded Task but by its own `workspaces`",
    after: "they do where the Task mentions them",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, propagateWorkspaces",
    flags: [
      { key: "enable-api-fields", since: "v0.40", last: "v0.44", values: ["alpha"] },
      { key: "enable-api-fields", since: "v0.45", last: "v0.46", values: ["beta", "alpha"] },
    ],
  },
  "results-propagated": {
    since: "v0.53",
    before: "`$(tasks.x.results.y)` in the steps of an embedded Task stays as it is",
    after: "it is replaced",
    source: "pkg/reconciler/pipelinerun/resources/apply.go, PropagateResults",
  },
  "defaults-name-params": {
    since: "v1.9",
    before: "`$(params.x)` in the default of a Pipeline's param stays as it is",
    after: "it is replaced, through ten levels",
    source: "pkg/reconciler/pipelinerun/resources/apply.go, ApplyParameters",
  },
  "retry-variables": {
    since: "v0.25",
    before: "there are no `$(context.task.retry-count)` and `$(context.pipelineTask.retries)`",
    after: "they are replaced",
    source: "pkg/reconciler/taskrun/resources/apply.go, ApplyContexts",
  },
  "task-status-variables": {
    since: "v0.20",
    before: "there is no `$(tasks.x.status)` in `finally`",
    after: "it is replaced",
    source: "pkg/reconciler/pipelinerun/resources/apply.go, ApplyPipelineTaskStateContext",
  },
  "aggregate-status-variable": {
    since: "v0.24",
    before: "there is no `$(tasks.status)` in `finally`",
    after: "it is replaced",
    source: "pkg/apis/pipeline/v1beta1/pipeline_types.go, PipelineTasksAggregateStatus",
  },
  "task-reason-variables": {
    since: "v0.62",
    before: "there is no `$(tasks.x.reason)` in `finally`",
    after: "it is replaced",
    source: "pkg/reconciler/pipelinerun/resources/pipelinerunstate.go, GetPipelineTaskStatus",
  },
  // Admission
  "beta-by-default": {
    since: "v0.49",
    before: "`enable-api-fields` is `stable` where nothing else is said",
    after: "it is `beta`",
    source: "config/config-feature-flags.yaml",
  },
  "variables-checked": {
    since: "v1.14",
    before: "`$(anything)` is allowed in a Pipeline's params, matrix and `when`",
    after: "a variable begins with `params`, `tasks`, `finally`, `context`, `workspaces` or `results`",
    source: "pkg/apis/pipeline/v1/pipeline_validation.go, validateVarSubstitutionExpressions",
  },
  // The course of a run
  "when-guards-task-only": {
    since: "v0.33",
    before: "where `when` is false, all tasks behind are skipped too",
    after: "those that only run after it are run",
    source: "pkg/reconciler/pipelinerun/resources/pipelinerunresolution.go, skipBecauseParentTaskWasSkipped",
    flags: [{ key: "scope-when-expressions-to-task", since: "v0.27", last: "v0.34" }],
  },
  "missing-result-of-one-task": {
    since: "v0.66",
    before:
      "a result that its task succeeded without writing ends the run at once: `InvalidTaskResultReference`, no `finally`",
    after: "the task that takes it is counted as invalid, `finally` runs, the run ends `PipelineValidationFailed`",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, runNextSchedulableTask",
  },
  "missing-result-named": {
    since: "v1.12",
    before: "the run's message counts tasks that lack a result",
    after: "it also names the task and the result",
    source: "pkg/reconciler/pipelinerun/resources/pipelinerunstate.go, GetPipelineConditionStatus",
  },
  "results-of-failed-run": {
    since: "v0.38",
    before: "only a run that succeeded has results",
    after: "one that failed has those of its tasks that wrote them",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, reconcile",
  },
  "missing-pipeline-result-fails": {
    since: "v0.38",
    before: "a Pipeline's result that nobody wrote is left out",
    after: "where its task succeeded, the run fails",
    source: "pkg/reconciler/pipelinerun/resources/apply.go, ApplyTaskResultsToPipelineResults",
  },
  "missing-pipeline-result-reason": {
    since: "v0.55",
    before: "it fails `PipelineValidationFailed`",
    after: "it fails `CouldntGetPipelineResult`",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, reconcile",
  },
  "run-timeout-not-of-tasks": {
    since: "v0.40",
    before: "a task that says no timeout has that of its run, or of its part of the run",
    after: "it has the default, one hour",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, getTaskRunTimeout",
  },
  "long-timeouts-reach-tasks": {
    since: "v1.11",
    before: "a task that says no timeout has one hour, however long `timeouts.tasks` is",
    after: "where `timeouts.tasks` (or `finally`) is longer than the default, it has that",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, pipelineRunTimeout",
  },
  "pipelines-in-pipelines": {
    since: "v1.6",
    before: "a run with a PipelineTask that is a Pipeline of its own fails",
    after: "it has a child PipelineRun",
    source: "pkg/reconciler/pipelinerun/resources/pipelinerunresolution.go, ResolvePipelineTask",
  },
  "child-runs-given": {
    since: "v1.14",
    before:
      "a child PipelineRun has no params, no workspaces, and not its parent's taskRunTemplate; `pipelineRef` makes none",
    after: "it has them, and a Pipeline can be referred to",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, createChildPipelineRun",
  },
  // Reasons and messages
  "step-failure-reasons": {
    since: "v1.12",
    before: "a TaskRun whose container failed has the reason `Failed`; so has `$(tasks.x.reason)`",
    after: "`StepFailed`, `StepOOM`, `SidecarFailed` or `SidecarOOM`",
    source: "pkg/pod/status.go, getFailureInfo",
  },
  "failure-without-kubectl": {
    since: "v0.55",
    before: "its message ends in the image and in a `kubectl logs` command",
    after: '`"step-a" exited with code 1`',
    source: "pkg/pod/status.go, getFailureMessage",
  },
  "failure-with-state": {
    since: "v1.1",
    before: '`"step-a" exited with code 1`',
    after: '`"step-a" exited with code 1: Error`',
    source: "pkg/pod/status.go, getFailureMessage",
  },
  "cancel-explained": {
    since: "v0.39",
    before: 'a cancelled TaskRun says `TaskRun "x" was cancelled`',
    after: "and why: `TaskRun cancelled as the PipelineRun it belongs to has been cancelled.`",
    source: "pkg/reconciler/taskrun/taskrun.go, ReconcileKind; spec.statusMessage",
  },
  "previous-status-told": {
    since: "v1.13",
    before: "a TaskRun that is cancelled between two tries says no more than others",
    after: "it also tells what its last try said: `Previous status: …`",
    source: "pkg/reconciler/taskrun/taskrun.go",
  },
  "invalid-params-name-run": {
    since: "v0.55",
    before: "a run that fails for a task's params says only what is wrong with them",
    after: "it begins with `Validation failed for pipelinerun <run> with error`",
    source: "pkg/reconciler/pipelinerun/pipelinerun.go, ValidateResolvedTask",
  },
  "user-errors-marked": {
    since: "v0.56",
    before: "messages about a user's own mistakes look like all others",
    after: "they begin with `[User error] `",
    source: "pkg/apis/pipeline/errors/errors.go, LabelUserError",
  },
  "timed-out-tasks-told": {
    since: "v1.2",
    before: "a run whose `tasks` took longer than they may, and whose `finally` ran, ends `Failed`",
    after: "it ends `PipelineRunTimeout`",
    source: "pkg/reconciler/pipelinerun/resources/pipelinerunstate.go, GetPipelineConditionStatus",
  },
} as const;

export type VersionChangeName = keyof typeof entries;

export const versionChanges: Readonly<Record<VersionChangeName, VersionChange>> = entries;
