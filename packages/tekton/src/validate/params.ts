import { typeOfValue, type Param, type ParamSpec } from "../param.ts";
import { duplicates, isObjectParamName, isParamName } from "./formats.ts";
import { needFlag } from "./gates.ts";
import { type KnownParams } from "./references.ts";
import { inside, keyed, named, report, reportMissing, within, type Scope } from "./scope.ts";

/** Where a declared param stands, in upstream's words for the noun that declares it: the rules add the rest. */
export type ParamPlace = (index: number, name: string) => Scope;

export function declaredParams(scope: Scope): ParamPlace {
  return (index) => inside(scope, "params", index);
}

/** ParamSpec.ValidateType and ValidateObjectType. Of params that a run has put together upstream says no `params`. */
export function checkParamTypes(place: ParamPlace, params: readonly ParamSpec[], list = "params"): void {
  params.forEach((param, index) => {
    const scope = named(place(index, param.name), list, param.name);
    const type: string = param.type ?? "";
    if (!["string", "array", "object"].includes(type)) {
      report(
        named(inside(scope, "type"), "type"),
        "field.value",
        `a param's type is string, array or object, and this is ${type === "" ? "not said" : JSON.stringify(type)}`,
        { hint: type === "" ? "in a Pipeline inside a Pipeline nothing is assumed: write type: string" : undefined },
      );
      return;
    }
    if (param.default !== undefined && typeOfValue(param.default) !== type) {
      const found = typeOfValue(param.default);
      report(
        named(inside(scope, "default"), "default", "type"),
        "param.type",
        `the param ${param.name} is of type ${type}, and its default is of type ${found}`,
      );
      return;
    }
    for (const [key, property] of Object.entries(param.properties ?? {})) {
      if (property.type !== "string") {
        report(
          named(inside(scope, "properties", key), "properties"),
          "field.value",
          `a property's type has to be string`,
        );
      }
    }
  });
}

/** ParamSpecs.ValidateNoDuplicateNames. */
export function checkParamsUnique(place: ParamPlace, params: readonly { readonly name: string }[]): void {
  const names = params.map(({ name }) => name);
  for (const name of duplicates(names)) {
    report(
      named(inside(place(names.lastIndexOf(name), name), "name"), "params", `[${name}]`),
      "field.duplicate",
      `the param ${name} appears more than once`,
    );
  }
}

/** ParamSpecs.validateParamEnums. */
export function checkParamEnums(place: ParamPlace, params: readonly ParamSpec[]): void {
  params.forEach((param, index) => {
    if (param.enum === undefined || param.enum.length === 0) return;
    const whole = named(place(index, param.name), "params", `[${param.name}]`);
    const scope = inside(whole, "enum");
    if (!scope.gates.paramEnum) needFlag(scope, "enable-param-enum", "an enum");
    if (param.type !== "string") report(scope, "field.value", "only a param of type string may have an enum");
    for (const value of duplicates(param.enum)) {
      report(scope, "field.duplicate", `the enum has ${JSON.stringify(value)} more than once`);
    }
    if (typeof param.default === "string" && param.default !== "" && !param.enum.includes(param.default)) {
      report(
        inside(whole, "default"),
        "field.value",
        `the default ${JSON.stringify(param.default)} is not in the enum`,
      );
    }
  });
}

/** ValidateNameFormat, which speaks of all params at once. */
export function checkParamNames(place: ParamPlace, params: readonly ParamSpec[]): void {
  params.forEach((param, index) => {
    const scope = named(place(index, param.name), "params");
    const isObject = param.type === "object";
    if (!(isObject ? isObjectParamName : isParamName)(param.name)) {
      const dots = isObject ? "" : " and dots";
      report(inside(scope, "name"), "field.value", `the param's name ${JSON.stringify(param.name)} is not valid`, {
        hint: `it begins with a letter or _, and goes on with letters, digits, -, _${dots}`,
      });
    }
    if (!isObject) return;
    for (const key of Object.keys(param.properties ?? {})) {
      if (!isObjectParamName(key)) {
        report(inside(scope, "properties", key), "field.value", `the key ${JSON.stringify(key)} is not valid`, {
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
    reportMissing(named(place(index, param.name), param.name), "properties", `the object param ${param.name}`);
  });
}

/** ValidateParameters: the params a run or a resolver is given; names differ in more than case. A resolver's have no `params`. */
export function checkGivenParams(scope: Scope, params: readonly Param[], list = "params"): void {
  const seen = new Set<string>();
  params.forEach(({ name }, index) => {
    if (seen.has(name.toLowerCase())) {
      report(
        named(inside(scope, "params", index, "name"), list, `[${name}]`, "name"),
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

/** A param that is passed, by its name: `params[x]`. */
export function passedParam(scope: Scope, index: number, param: Param): Scope {
  return keyed(scope, "params", index, param.name);
}

/** Of a Pipeline's params upstream takes only those for objects that declare keys (validatePipelineTaskParameterUsage). */
export function knownPipelineParams(params: readonly ParamSpec[]): KnownParams {
  const known = knownParams(params);
  return { ...known, objects: new Map([...known.objects].filter(([, keys]) => keys.size > 0)) };
}
