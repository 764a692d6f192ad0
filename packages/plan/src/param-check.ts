import { type Diagnostic } from "@lapcat/diagnostic";
import { findExpressions, isolatedReference } from "@lapcat/substitution";
import {
  isAfter,
  type Matrix,
  type Param,
  type ParamSpec,
  type ResolvedTask,
  type TektonVersion,
  typeOfValue,
  versionChanges,
} from "@lapcat/tekton";
import { isObject, typeOfParam } from "./param-values.ts";
import { error, type Path, type Place } from "./place.ts";
import { textsOf } from "./result-reference.ts";

/** What is wrong with the params given to something that declares params. */
export type ParamFault =
  | { readonly kind: "missing"; readonly names: readonly string[] }
  | { readonly kind: "type"; readonly names: readonly string[] }
  | { readonly kind: "keys"; readonly missing: Readonly<Record<string, readonly string[]>> };

/**
 * The faults that Tekton's reconcilers look for, in its order (validate_taskrun.go validateParams). A text with a
 * reference may still become an array or object. `matrix` gives texts.
 */
export function paramFaults(
  specs: readonly ParamSpec[],
  params: readonly Param[],
  matrix: readonly Param[] = [],
): readonly ParamFault[] {
  const given = new Map([...params, ...matrix].map((each) => [each.name, each]));
  const missing = specs.filter((each) => each.default === undefined && !given.has(each.name)).map(({ name }) => name);
  const types = new Map(specs.map((each) => [each.name, typeOfParam(each)]));
  const mistyped = [
    ...params.filter(
      ({ name, value }) =>
        types.has(name) && types.get(name) !== typeOfValue(value) && !mayBecome(types.get(name), value),
    ),
    ...matrix.filter(({ name }) => types.has(name) && types.get(name) !== "string"),
  ].map(({ name }) => name);
  const keys = specs.flatMap((spec): readonly (readonly [string, readonly string[]])[] => {
    const value = given.get(spec.name)?.value;
    if (typeOfParam(spec) !== "object" || !isObject(value ?? spec.default)) return [];
    const has = { ...(isObject(spec.default) && spec.default), ...(isObject(value) && value) };
    // One that gives no key at all is not looked at (findMissingKeys).
    if (Object.keys(has).length === 0) return [];
    const lacks = Object.keys(spec.properties ?? {}).filter((key) => !(key in has));
    return lacks.length === 0 ? [] : [[spec.name, lacks]];
  });
  return [
    ...(missing.length === 0 ? [] : [{ kind: "missing" as const, names: missing }]),
    ...(mistyped.length === 0 ? [] : [{ kind: "type" as const, names: mistyped }]),
    ...(keys.length === 0 ? [] : [{ kind: "keys" as const, missing: Object.fromEntries(keys) }]),
  ];
}

function mayBecome(type: "string" | "array" | "object" | undefined, value: Param["value"]): boolean {
  return type !== "string" && typeof value === "string" && findExpressions(value).length > 0;
}

/** The first fault in upstream's words. */
export function faultText(fault: ParamFault): string {
  switch (fault.kind) {
    case "missing":
      return `missing values for these params which have no default values: [${fault.names.join(" ")}]`;
    case "type":
      return `param types don't match the user-specified type: [${fault.names.join(" ")}]`;
    case "keys": {
      const entries = Object.entries(fault.missing).map(([name, keys]) => `${name}:[${keys.join(" ")}]`);
      return `missing keys for these params which are required in ParamSpec's properties map[${entries.join(" ")}]`;
    }
  }
}

/** Where the params given and a declaration stand, to tell a user of all faults at once. */
export interface ParamsGiven {
  readonly by: string;
  readonly place: Place;
  /** Where `params` stands below `place`. */
  readonly path: Path;
  readonly params: readonly Param[];
  readonly matrix?: Matrix;
  /** The run's own: the command line can give them too. */
  readonly ofRun?: true;
}

export function paramDiagnostics(of: string, specs: readonly ParamSpec[], given: ParamsGiven): readonly Diagnostic[] {
  const at = placeIn(given);
  const matrix = [
    ...(given.matrix?.params ?? []),
    ...(given.matrix?.include ?? []).flatMap((each) => each.params ?? []),
  ];
  return paramFaults(specs, given.params, matrix).flatMap((fault): readonly Diagnostic[] => {
    switch (fault.kind) {
      case "missing":
        return fault.names.map((name) =>
          error(
            "param.missing",
            given.place,
            at(name),
            `${given.by} gives no value for param "${name}" of ${of}, which has no default`,
            `add \`- name: ${name}\` with a value to params${given.ofRun === true ? `, or give -p ${name}=…` : ""}`,
          ),
        );
      case "type":
        return fault.names.map((name) => {
          const spec = specs.find((each) => each.name === name);
          return error(
            "param.type",
            given.place,
            at(name),
            `param "${name}" of ${of} is of type ${spec === undefined ? "string" : typeOfParam(spec)}, not what ${given.by} gives`,
          );
        });
      case "keys":
        return Object.entries(fault.missing).map(([name, keys]) =>
          error(
            "param.type",
            given.place,
            at(name),
            `${given.by} leaves out ${keys.map((key) => `"${key}"`).join(", ")} of object param "${name}" of ${of}`,
          ),
        );
    }
  });
}

function placeIn({ params, path }: ParamsGiven): (name: string) => Path {
  return (name) => {
    const index = params.findIndex((each) => each.name === name);
    return index === -1 ? path.slice(0, -1) : [...path, index, "value"];
  };
}

/** Older versions fail a TaskRun for params that its Task does not declare. */
export function extraParams(
  { custom, spec }: Pick<ResolvedTask, "custom" | "spec">,
  params: readonly Param[],
  tekton: TektonVersion | undefined,
): readonly string[] {
  if (custom !== undefined || isAfter("extra-params-ignored", tekton)) return [];
  const declared = new Set((spec.params ?? []).map(({ name }) => name));
  return params.map(({ name }) => name).filter((name) => !declared.has(name));
}

/** Of what is missing, too much, or of a wrong type, the first in upstream's words. */
export function paramsText(fault: ParamFault | undefined, extra: readonly string[]): string | undefined {
  if (extra.length > 0 && fault?.kind !== "missing")
    return `didn't need these params but they were provided anyway: [${extra.join(" ")}]`;
  return fault && faultText(fault);
}

/** How a run tells of a task's params. */
export function invalidRunText(run: string, text: string, tekton: TektonVersion | undefined): string {
  return isAfter("invalid-params-name-run", tekton)
    ? `Validation failed for pipelinerun ${run} with error ${text}`
    : text;
}

export function extraParamDiagnostics(
  of: string,
  task: Pick<ResolvedTask, "custom" | "spec">,
  given: ParamsGiven,
  tekton: TektonVersion | undefined,
): readonly Diagnostic[] {
  return extraParams(task, given.params, tekton).map((name) =>
    error(
      "param.unknown",
      given.place,
      [...given.path, given.params.findIndex((each) => each.name === name), "name"],
      `${given.by} gives param "${name}", which ${of} does not have`,
      `since Tekton ${versionChanges["extra-params-ignored"].since} it is passed over`,
    ),
  );
}

/** Values that are none of those a param allows, as far as they are known. */
export function enumDiagnostics(of: string, specs: readonly ParamSpec[], given: ParamsGiven): readonly Diagnostic[] {
  const at = placeIn(given);
  return given.params.flatMap((param) => {
    const allowed = specs.find(({ name }) => name === param.name)?.enum;
    const outside =
      allowed !== undefined &&
      outsideEnum(allowed, param.value) &&
      textsOf(param.value).flatMap(findExpressions).length === 0;
    if (!outside) return [];
    return [
      error(
        "field.value",
        given.place,
        at(param.name),
        `param "${param.name}" of ${of} is none of ${allowed.join(", ")}`,
      ),
    ];
  });
}

/** A matrix fans out lists, and its include adds texts (ValidateParameterTypesInMatrix). A text with a reference may still become a list. */
export function matrixTypeDiagnostics(matrix: Matrix, place: Place): readonly Diagnostic[] {
  const ofParams = (matrix.params ?? []).flatMap(({ name, value }, index) => {
    if (typeOfValue(value) === "array" || mayBecome("array", value)) return [];
    const message = `param "${name}" of the matrix is of type ${typeOfValue(value)}, and has to be an array`;
    return [error("param.type", place, ["matrix", "params", index, "value"], message)];
  });
  const ofInclude = (matrix.include ?? []).flatMap(({ params = [] }, at) =>
    params.flatMap(({ name, value }, index) => {
      if (typeof value === "string") return [];
      const message = `param "${name}" of the matrix's include is of type ${typeOfValue(value)}, and has to be a string`;
      return [error("param.type", place, ["matrix", "include", at, "params", index, "value"], message)];
    }),
  );
  return [...ofParams, ...ofInclude];
}

/**
 * A param that a task is given as it is has an enum, and each of its values is one of the Task's (ValidateParamEnumSubset). What stands
 * among other text is judged when the value is known.
 */
export function enumSubsetDiagnostics(
  specs: readonly ParamSpec[],
  passed: readonly Param[],
  ofTask: readonly ParamSpec[],
  place: Place,
): readonly Diagnostic[] {
  return passed.flatMap(({ name, value }, index) => {
    const wanted = ofTask.find((each) => each.name === name)?.enum ?? [];
    const reference = typeof value === "string" ? isolatedReference(value) : undefined;
    const [prefix, source, ...rest] = reference?.parts ?? [];
    const spec = specs.find((each) => each.name === source);
    if (wanted.length === 0 || prefix !== "params" || rest.length > 0 || spec === undefined) return [];
    if (typeOfParam(spec) !== "string") return [];
    const path = ["params", index, "value"];
    const own = spec.enum ?? [];
    const beyond = own.filter((each) => !wanted.includes(each));
    if (own.length > 0 && beyond.length === 0) return [];
    const message =
      own.length === 0
        ? `param "${spec.name}" of the Pipeline has no enum, and param "${name}" of the Task allows ${wanted.join(", ")} only`
        : `param "${spec.name}" of the Pipeline allows ${beyond.join(", ")}, and param "${name}" of the Task does not`;
    return [error("field.value", place, path, message, "give the Pipeline's param an enum of the Task's values")];
  });
}

export function outsideEnum(allowed: readonly string[], value: Param["value"]): boolean {
  return allowed.length > 0 && typeof value === "string" && value !== "" && !allowed.includes(value);
}

/** The first of the same in upstream's words. */
export function enumSubsetText(
  specs: readonly ParamSpec[],
  passed: readonly Param[],
  ofTask: readonly ParamSpec[],
  task: string,
): string | undefined {
  for (const { name, value } of passed) {
    const wanted = ofTask.find((each) => each.name === name)?.enum ?? [];
    const [prefix, source, ...rest] = (typeof value === "string" ? isolatedReference(value) : undefined)?.parts ?? [];
    const spec = specs.find((each) => each.name === source);
    if (wanted.length === 0 || prefix !== "params" || rest.length > 0 || spec === undefined) continue;
    const own = spec.enum ?? [];
    if (own.length === 0)
      return `pipeline param "${spec.name}" has no enum, but referenced in "${task}" task has enums: [${wanted.join(" ")}]`;
    if (own.some((each) => !wanted.includes(each)))
      return `pipeline param "${spec.name}" enum: [${own.join(" ")}] is not a subset of the referenced in "${task}" task param enum: [${wanted.join(" ")}]`;
  }
  return undefined;
}
