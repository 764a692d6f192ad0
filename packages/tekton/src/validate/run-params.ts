import { typeOfValue, type Param, type ParamSpec, type PropertySpec } from "../param.ts";
import { inside, named, namedAs, reportMissing, type Scope } from "./scope.ts";
import { type ParamPlace } from "./params.ts";

/** The params an embedded spec may use: those it declares and those it is given (propagated params). */
export interface Propagated {
  readonly params: readonly ParamSpec[];
  readonly place: ParamPlace;
}

/** Collects params in upstream's order of precedence, and remembers where each came from. */
export interface ParamCollector {
  give(scope: Scope, params: readonly Param[] | undefined): void;
  declare(scope: Scope, params: readonly ParamSpec[] | undefined): void;
  collected(): Propagated;
}

/** createParamSpecFromParam, combineParamSpec and appendPipelineTaskParams. Upstream speaks of all as of `base`, the run's spec. */
export function paramCollector(base: Scope): ParamCollector {
  const specs = new Map<string, ParamSpec>();
  const places = new Map<string, Scope>();
  const put = (spec: ParamSpec, place: Scope): void => {
    specs.set(spec.name, spec);
    if (!places.has(spec.name)) places.set(spec.name, place);
  };
  return {
    give: (scope, params) => {
      params?.forEach((param, index) => {
        const known = specs.get(param.name);
        const place = namedAs(inside(scope, "params", index), base);
        if (known === undefined) put(specOf(param), place);
        else if (typeOfValue(param.value) === "object" && known.properties !== undefined) {
          put({ ...known, properties: { ...known.properties, ...propertiesOf(param) } }, place);
        }
      });
    },
    declare: (scope, params) => {
      params?.forEach((declared, index) => {
        const given = specs.get(declared.name);
        const place = namedAs(inside(scope, "params", index), base);
        if (given === undefined) {
          put(declared, place);
          return;
        }
        const hasObjectDefault = declared.default !== undefined && typeOfValue(declared.default) === "object";
        if (declared.properties === undefined && (hasObjectDefault || given.type === "object")) {
          reportMissing(named(place, declared.name), "properties", `the object param ${declared.name}`);
          return;
        }
        put(
          given.type === "object" && declared.properties ? { ...given, properties: declared.properties } : given,
          place,
        );
      });
    },
    collected: () => {
      const params = [...specs.values()];
      return { params, place: (_, name) => places.get(name) ?? fail(name) };
    },
  };
}

function specOf(param: Param): ParamSpec {
  const type = typeOfValue(param.value);
  return {
    name: param.name,
    default: param.value,
    type,
    ...(type === "object" && { properties: propertiesOf(param) }),
  };
}

function propertiesOf(param: Param): Readonly<Record<string, PropertySpec>> {
  return Object.fromEntries(Object.keys(param.value as object).map((key) => [key, { type: "string" }]));
}

function fail(name: string): never {
  throw new Error(`the param ${name} was never placed`);
}
