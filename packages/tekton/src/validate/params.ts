import { typeOfValue, type Param, type ParamSpec } from "../param.ts";
import { duplicates, isObjectParamName, isParamName } from "./formats.ts";
import { needFlag } from "./gates.ts";
import { type KnownParams } from "./references.ts";
import { keyed, report, reportMissing, within, type Scope } from "./scope.ts";

/** Where declared params stand: their list is at `scope` `params`. Those made up from a run's have no place of their own. */
export type ParamPlace = (index: number, name: string) => Scope;

export function declaredParams(scope: Scope): ParamPlace {
  return (index, name) => keyed(scope, "params", index, name);
}

/** ParamSpec.ValidateType and ValidateObjectType. */
export function checkParamTypes(place: ParamPlace, params: readonly ParamSpec[]): void {
  params.forEach((param, index) => {
    const scope = place(index, param.name);
    const type = param.type ?? "string";
    if (!["string", "array", "object"].includes(type)) {
      report(
        within(scope, "type"),
        "field.value",
        `a param's type is string, array or object, and this is ${JSON.stringify(type)}`,
      );
      return;
    }
    if (param.default !== undefined && typeOfValue(param.default) !== type) {
      const found = typeOfValue(param.default);
      report(
        within(scope, "default"),
        "param.type",
        `the param ${param.name} is of type ${type}, and its default is of type ${found}`,
      );
      return;
    }
    for (const [key, property] of Object.entries(param.properties ?? {})) {
      if (property.type !== "string") {
        report(within(scope, "properties", key), "field.value", `a property's type has to be string`);
      }
    }
  });
}

/** ParamSpecs.ValidateNoDuplicateNames. */
export function checkParamsUnique(place: ParamPlace, params: readonly { readonly name: string }[]): void {
  const names = params.map(({ name }) => name);
  for (const name of duplicates(names)) {
    report(
      within(place(names.lastIndexOf(name), name), "name"),
      "field.duplicate",
      `the param ${name} appears more than once`,
    );
  }
}

/** ParamSpecs.validateParamEnums. */
export function checkParamEnums(place: ParamPlace, params: readonly ParamSpec[]): void {
  params.forEach((param, index) => {
    if (param.enum === undefined || param.enum.length === 0) return;
    const scope = within(place(index, param.name), "enum");
    if (!scope.gates.paramEnum) needFlag(scope, "enable-param-enum", "an enum");
    if (param.type !== "string") report(scope, "field.value", "only a param of type string may have an enum");
    for (const value of duplicates(param.enum)) {
      report(scope, "field.duplicate", `the enum has ${JSON.stringify(value)} more than once`);
    }
    if (typeof param.default === "string" && param.default !== "" && !param.enum.includes(param.default)) {
      report(
        within(place(index, param.name), "default"),
        "field.value",
        `the default ${JSON.stringify(param.default)} is not in the enum`,
      );
    }
  });
}

/** ValidateNameFormat. */
export function checkParamNames(place: ParamPlace, params: readonly ParamSpec[]): void {
  params.forEach((param, index) => {
    const scope = place(index, param.name);
    const isObject = param.type === "object";
    if (!(isObject ? isObjectParamName : isParamName)(param.name)) {
      const dots = isObject ? "" : " and dots";
      report(within(scope, "name"), "field.value", `the param's name ${JSON.stringify(param.name)} is not valid`, {
        hint: `it begins with a letter or _, and goes on with letters, digits, -, _${dots}`,
      });
    }
    if (!isObject) return;
    for (const key of Object.keys(param.properties ?? {})) {
      if (!isObjectParamName(key)) {
        report(within(scope, "properties", key), "field.value", `the key ${JSON.stringify(key)} is not valid`, {
          atKey: true,
        });
      }
    }
  });
}

/** ValidateObjectParamsHaveProperties. */
export function checkObjectProperties(place: ParamPlace, params: readonly ParamSpec[]): void {
  params.forEach((param, index) => {
    if (param.type !== "object" || param.properties !== undefined) return;
    reportMissing(place(index, param.name), "properties", `the object param ${param.name}`);
  });
}

/** ValidateParameters: the params a run or a resolver is given; names differ in more than case. */
export function checkGivenParams(scope: Scope, params: readonly Param[]): void {
  const seen = new Set<string>();
  params.forEach(({ name }, index) => {
    if (seen.has(name.toLowerCase())) {
      report(
        within(keyed(scope, "params", index, name), "name"),
        "field.duplicate",
        `the param ${name} is given more than once`,
      );
    }
    seen.add(name.toLowerCase());
  });
}

/** Params.validateDuplicateParameters: the params a PipelineTask passes. */
export function checkPassedParams(scope: Scope, params: readonly Param[]): void {
  const seen = new Set<string>();
  params.forEach(({ name }, index) => {
    if (seen.has(name))
      report(within(scope, index, "name"), "field.duplicate", `the param ${name} is given more than once`);
    seen.add(name);
  });
}

export function knownParams(params: readonly ParamSpec[]): KnownParams {
  const ofType = (type: string): readonly ParamSpec[] => params.filter((each) => each.type === type);
  return {
    all: new Set(params.map(({ name }) => name)),
    arrays: new Set(ofType("array").map(({ name }) => name)),
    objects: new Map(ofType("object").map(({ name, properties }) => [name, new Set(Object.keys(properties ?? {}))])),
  };
}
