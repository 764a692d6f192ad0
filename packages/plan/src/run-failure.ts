import {
  awaitedResults,
  isAfter,
  type PipelineTask,
  type ResolvedPipelineRun,
  type TektonVersion,
  userError,
} from "@lapcat/tekton";
import { findResultReferences, paramReplacements, type Replacements } from "@lapcat/substitution";
import { beyondEnd } from "./index-check.ts";
import { onErrorFault } from "./on-error.ts";
import { enumSubsetText, extraParams, invalidRunText, outsideEnum, paramFaults, paramsText } from "./param-check.ts";
import { pipelineParams } from "./param-values.ts";
import { textsOf } from "./result-reference.ts";
import { replaceInPipelineTask } from "./pipeline-task-replacement.ts";

/** With what a PipelineRun fails whose Pipeline has a task of which the Task, or the Pipeline, is not there. */
export function lostFailure(pipeline: string, { taskRef, pipelineRef }: PipelineTask): RunFailure {
  const of = `Pipeline ${pipeline} can't be Run; it contains`;
  const child = pipelineRef?.name;
  if (child !== undefined) {
    const message = `${of} child Pipelines that don't exist: Couldn't retrieve Pipeline "${child}": tekton client cannot get pipeline ${child} from local cluster: pipelines.tekton.dev "${child}" not found`;
    return { reason: "CouldntGetPipeline", message };
  }
  const task = taskRef?.name ?? "";
  const message = `${of} Tasks that don't exist: Couldn't retrieve Task "${task}": tasks.tekton.dev "${task}" not found`;
  return { reason: "CouldntGetTask", message };
}

/** The end of a run of which nothing was started, in Tekton's words. */
export interface RunFailure {
  readonly reason: string;
  readonly message: string;
}

/** Older versions do not mark what a user can mend. */
export function asSaidBy(tekton: TektonVersion | undefined, failure: RunFailure | undefined): RunFailure | undefined {
  if (failure === undefined || !failure.message.startsWith(userMark)) return failure;
  return { ...failure, message: userError(failure.message.slice(userMark.length), tekton) };
}

/**
 * With what Tekton's reconciler would fail a PipelineRun that cannot be planned: the first of its checks that does not hold, in its
 * order (PL-28). Undefined where it has no such check.
 */
export function failureOf(run: ResolvedPipelineRun, tekton?: TektonVersion): RunFailure | undefined {
  for (const check of pipelineRunChecks(run, tekton)) {
    const failure = check();
    if (failure !== undefined) return asSaidBy(tekton, failure);
  }
  return undefined;
}

type Check = () => RunFailure | undefined;

const userMark = userError("", undefined);

function failed(reason: string, message: string): RunFailure {
  return { reason, message: userMark + message };
}

function pipelineRunChecks(
  { run, pipeline, tasks, children }: ResolvedPipelineRun,
  tekton: TektonVersion | undefined,
): readonly Check[] {
  const { metadata, spec } = run.resource;
  const { name: runName = "", namespace = "default" } = metadata;
  const of = `PipelineRun ${namespace}/${runName}`;
  const needs = `Pipeline ${namespace}/${pipeline.name}`;
  const specs = pipeline.spec.params ?? [];
  const given = spec.params ?? [];
  const faults = paramFaults(specs, given);
  const known = pipelineParams(specs, given, tekton);
  const ofParams = (): Replacements => paramReplacements(known.kind === "known" ? known.values : [], "pipeline");
  const written = [...(pipeline.spec.tasks ?? []), ...(pipeline.spec.finally ?? [])];
  const bound = new Set((spec.workspaces ?? []).map(({ name }) => name));
  const first = <T>(list: readonly T[], ask: (each: T) => RunFailure | undefined): RunFailure | undefined =>
    list.map(ask).find((each) => each !== undefined);
  return [
    () =>
      first(faults, (fault) =>
        fault.kind === "missing"
          ? failed(
              "ParameterMissing",
              `${of} is missing some parameters required by ${needs}: pipelineRun missing parameters: [${fault.names.join(" ")}]`,
            )
          : undefined,
      ),
    () =>
      first(faults, (fault) =>
        fault.kind === "type"
          ? failed(
              "ParameterTypeMismatch",
              `${of} parameters have mismatching types with ${needs}'s parameters: parameters have inconsistent types : [${fault.names.join(" ")}]`,
            )
          : undefined,
      ),
    () =>
      first(given, ({ name, value }) =>
        outsideEnum(specs.find((each) => each.name === name)?.enum ?? [], value)
          ? failed(
              "InvalidParamValue",
              `${of} parameters have invalid value: param \`${name}\` value: ${textsOf(value).join(" ")} is not in the enum list`,
            )
          : undefined,
      ),
    () =>
      first(faults, (fault) =>
        fault.kind === "keys"
          ? failed(
              "ObjectParameterMissKeys",
              `${of} parameters is missing object keys required by ${needs}'s parameters: pipelineRun missing object keys for parameters: ${keysText(fault.missing)}`,
            )
          : undefined,
      ),
    () => {
      const values = known.kind === "known" ? known.values : [];
      const beyond = written.flatMap((task) => beyondEnd({ ...task, taskSpec: undefined }, values));
      return beyond.length === 0
        ? undefined
        : failed(
            "ParamArrayIndexingInvalid",
            `${of} failed validation: failed to validate ${needs}'s parameter which has an invalid index while referring to an array: non-existent param references:[${unique(beyond.map(({ raw }) => raw)).join(" ")}]`,
          );
    },
    () =>
      first(pipeline.spec.workspaces ?? [], ({ name, optional }) =>
        optional === true || bound.has(name)
          ? undefined
          : failed(
              "InvalidWorkspaceBindings",
              `${of} doesn't bind ${needs}'s Workspaces correctly: pipeline requires workspace with name "${name}" be provided by pipelinerun`,
            ),
      ),
    () =>
      first(spec.taskRunSpecs ?? [], ({ pipelineTaskName = "" }) =>
        written.some(({ name }) => name === pipelineTaskName)
          ? undefined
          : failed(
              "InvalidTaskRunSpecs",
              `${of} doesn't define taskRunSpecs correctly: pipelineRun's taskrunSpecs defined wrong taskName: "${pipelineTaskName}", does not exist in Pipeline`,
            ),
      ),
    () =>
      known.kind === "circle"
        ? failed(
            "PipelineValidationFailed",
            `Failed to apply parameters to ${needs}: parameter resolution failed: circular dependency detected in param "params.${known.names[1] ?? ""}"`,
          )
        : known.kind === "unknown"
          ? failed(
              "PipelineValidationFailed",
              `Failed to apply parameters to ${needs}: parameter resolution failed: param "params.${known.param}" references undefined param "${known.expression}"`,
            )
          : undefined,
    () => {
      const faults = written.flatMap((task) => onErrorFault(replaceInPipelineTask(task, ofParams()))?.upstream ?? []);
      if (faults.length === 0) return undefined;
      return failed(
        "PipelineValidationFailed",
        `${needs} can't be Run; it has an invalid spec: ${[...new Set(faults)].sort().join("\n")}`,
      );
    },
    () =>
      first(written, (task) => {
        if (tasks.has(task.name)) return undefined;
        if (!children.has(task.name)) return lostFailure(`${namespace}/${pipeline.name}`, task);
        if (isAfter("pipelines-in-pipelines", tekton)) return undefined;
        const why = `Currently, Task "${task.name}" does not support PipelineRef or PipelineSpec, please use TaskRef or TaskSpec instead`;
        return failed("PipelineValidationFailed", `${of} can't be Run; couldn't resolve all references: ${why}`);
      }),
    () =>
      first(written, (each) => {
        const definition = tasks.get(each.name);
        const task = replaceInPipelineTask(each, ofParams());
        const matrix = [
          ...(task.matrix?.params ?? []),
          ...(task.matrix?.include ?? []).flatMap((each) => each.params ?? []),
        ];
        const [fault] = paramFaults(definition?.spec.params ?? [], task.params ?? [], matrix);
        const extra = definition && extraParams(definition, [...(task.params ?? []), ...matrix], tekton);
        const text = paramsText(fault, extra ?? []);
        if (text !== undefined)
          return failed(
            "PipelineValidationFailed",
            invalidRunText(runName, `invalid input params for task ${definition?.name ?? ""}: ${text}`, tekton),
          );
        const beyond = enumSubsetText(specs, each.params ?? [], definition?.spec.params ?? [], definition?.name ?? "");
        return beyond === undefined
          ? undefined
          : failed("PipelineValidationFailed", `Validation failed for pipelinerun with error ${beyond}`);
      }),
    () =>
      first(written, (task) => {
        const { reference } =
          awaitedResults(task).find(({ reference: each }) => {
            const producer = tasks.get(each.task);
            return (
              producer !== undefined &&
              producer.custom === undefined &&
              !(producer.spec.results ?? []).some(({ name }) => name === each.result)
            );
          }) ?? {};
        return (
          reference && {
            reason: "InvalidTaskResultReference",
            message: `invalid result reference in pipeline task "${task.name}": "${reference.result}" is not a named result returned by pipeline task "${reference.task}"`,
          }
        );
      }),
    () =>
      first(pipeline.spec.results ?? [], ({ name, value }) => {
        const lost = textsOf(value)
          .flatMap(findResultReferences)
          .find((each) => {
            const producer = tasks.get(each.task);
            return (
              producer?.custom === undefined &&
              !(producer?.spec.results ?? []).some((result) => result.name === each.result)
            );
          });
        return lost === undefined
          ? undefined
          : {
              reason: "InvalidPipelineResultReference",
              message: `Failed to resolve pipeline result reference for "${runName}" with error invalid pipeline result "${name}": ${
                children.has(lost.task)
                  ? `unable to validate result referencing pipeline task "${lost.task}": task spec not found`
                  : `"${lost.result}" is not a named result returned by pipeline task "${lost.task}"`
              }`,
            };
      }),
    () =>
      first(written, (task) => {
        // Upstream looks at those that name the Pipeline's workspace only.
        const optional = (task.workspaces ?? []).find(({ name, workspace }) => {
          const wanted = tasks.get(task.name)?.spec.workspaces?.find((each) => each.name === name);
          const isOptional = pipeline.spec.workspaces?.find((each) => each.name === workspace)?.optional === true;
          return isOptional && wanted !== undefined && wanted.optional !== true;
        });
        return (
          optional &&
          failed(
            "RequiredWorkspaceMarkedOptional",
            `Optional workspace not supported by task: pipeline workspace "${optional.workspace ?? ""}" is marked optional but pipeline task "${task.name}" requires it be provided`,
          )
        );
      }),
  ];
}

function keysText(missing: Readonly<Record<string, readonly string[]>>): string {
  return `map[${Object.entries(missing)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, keys]) => `${name}:[${keys.join(" ")}]`)
    .join(" ")}]`;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
