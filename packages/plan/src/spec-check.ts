import { type Diagnostic, didYouMean } from "@lapcat/diagnostic";
import { type Param, type ResolvedTask, type StepOrSidecarSpec } from "@lapcat/tekton";
import { indexDiagnostics } from "./index-check.ts";
import { taskParams } from "./param-values.ts";
import { error, type Place } from "./place.ts";
import { inlineStepActions } from "./step-actions.ts";

interface Overrides {
  readonly stepSpecs?: readonly StepOrSidecarSpec[];
  readonly sidecarSpecs?: readonly StepOrSidecarSpec[];
}

/** What a run says that a Task has no place for: elements beyond an array's end, resources of steps that are not there. */
export function specDiagnostics(
  task: ResolvedTask,
  params: readonly Param[],
  overrides: Overrides,
  ofRun: Place,
  ofTask: Place,
): readonly Diagnostic[] {
  const { steps = [], sidecars = [], results: _results, params: _params, ...rest } = task.spec;
  return [
    ...inlineStepActions(task.spec, params, task.stepActions).faults.map(({ code, message, path }) =>
      error(
        code,
        { origin: task.origin, path: task.path },
        path,
        message,
        "the TaskRun would end with TaskRunResolutionFailed",
      ),
    ),
    ...indexDiagnostics({ steps, sidecars, ...rest }, taskParams(task.spec.params ?? [], params), ofTask),
    ...unknownNames(
      "stepSpecs",
      overrides,
      steps.map(({ name }) => name ?? ""),
      "step",
      ofRun,
    ),
    ...unknownNames(
      "sidecarSpecs",
      overrides,
      sidecars.map(({ name }) => name),
      "sidecar",
      ofRun,
    ),
  ];
}

function unknownNames(
  field: keyof Overrides,
  overrides: Overrides,
  names: readonly string[],
  what: string,
  place: Place,
): readonly Diagnostic[] {
  return (overrides[field] ?? []).flatMap(({ name }, index) => {
    if (names.includes(name)) return [];
    const near = didYouMean(name, names);
    return [
      error(
        "field.value",
        place,
        [field, index, "name"],
        `${field} names ${what} "${name}", which the Task does not have`,
        near && `did you mean "${near}"?`,
      ),
    ];
  });
}
