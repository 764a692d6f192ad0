import { type Json, type JsonObject } from "@lapcat/manifest";
import { isObject } from "../is-object.ts";

const deprecationsKey = "tekton.dev/v1beta1.task-deprecations";
const resourcesKey = "tekton.dev/v1beta1Resources";
export const keptKeys: readonly string[] = [deprecationsKey, resourcesKey];

/** The kinds that v1 has too. */
const converted: ReadonlySet<string> = new Set(["Task", "TaskRun", "Pipeline", "PipelineRun"]);

/**
 * What v1 has no field for, upstream keeps in annotations when it converts (serializeTaskDeprecations, SerializeToMetadata); as
 * annotations go from a Task to its TaskRuns and Pods, they are seen there. Gives those of a v1beta1 document.
 */
export function keptAnnotations(kind: string, { metadata, spec }: JsonObject): Readonly<Record<string, string>> {
  if (!isObject(spec) || !converted.has(kind)) return {};
  const resources = spec["resources"];
  const ownName = isObject(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "";
  const deprecations = Object.fromEntries(
    taskSpecsIn(kind, spec, ownName).flatMap(([name, taskSpec]): [string, JsonObject][] =>
      isObject(taskSpec) && hasOldFields(taskSpec) ? [[name, oldFieldsOf(taskSpec)]] : [],
    ),
  );
  return {
    ...(resources === undefined ? {} : { [resourcesKey]: JSON.stringify(resources) }),
    ...(Object.keys(deprecations).length === 0 ? {} : { [deprecationsKey]: JSON.stringify(deprecations) }),
  };
}

/** Fields that a v1beta1 step has and a v1 step has not, in the order of upstream's struct. */
export const oldStepFields = [
  "ports",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
  "terminationMessagePath",
  "terminationMessagePolicy",
  "stdin",
  "stdinOnce",
  "tty",
] as const;

/** Of a stepTemplate upstream does not notice a livenessProbe alone (TaskSpec.HasDeprecatedFields). */
const templateFields: readonly string[] = ["name", ...oldStepFields.filter((field) => field !== "livenessProbe")];

/** By the name under which upstream keeps them: a PipelineTask's, else the object's own. */
function taskSpecsIn(
  kind: string,
  spec: JsonObject,
  ownName: string,
): readonly (readonly [string, Json | undefined])[] {
  switch (kind) {
    case "Task":
      return [[ownName, spec]];
    case "TaskRun":
      return [[ownName, spec["taskSpec"]]];
    case "PipelineRun":
      return isObject(spec["pipelineSpec"]) ? taskSpecsIn("Pipeline", spec["pipelineSpec"], ownName) : [];
    case "Pipeline":
      return ["tasks", "finally"].flatMap((list) =>
        itemsOf(spec[list]).map((each) => [textOf(each["name"]), each["taskSpec"]]),
      );
    default:
      return [];
  }
}

function hasOldFields(taskSpec: JsonObject): boolean {
  const template = taskSpec["stepTemplate"];
  const isOld = (container: JsonObject, fields: readonly string[]): boolean =>
    fields.some((field) => !isZero(container[field]));
  return (
    itemsOf(taskSpec["steps"]).some((step) => isOld(step, oldStepFields)) ||
    (isObject(template) && isOld(template, templateFields))
  );
}

function oldFieldsOf(taskSpec: JsonObject): JsonObject {
  const template = taskSpec["stepTemplate"];
  return {
    deprecatedSteps: itemsOf(taskSpec["steps"]).map((step) => ({ name: "", ...oldOf(step) })),
    ...(isObject(template) && {
      deprecatedStepTemplate: {
        ...(template["name"] !== undefined && { name: template["name"] }),
        ...oldOf(template),
      },
    }),
  };
}

function oldOf(container: JsonObject): JsonObject {
  const [ports, ...others] = oldStepFields.map((field): [string, Json][] => {
    const value = container[field];
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries([...(ports ?? []), ["resources", {}], ...others.flat()]);
}

function isZero(value: Json | undefined): boolean {
  return value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

function itemsOf(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
