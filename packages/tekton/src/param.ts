export type ParamType = "string" | "array" | "object";

/** A param's or result's value: text, a list of texts, or texts by key. */
export type ParamValue = string | readonly string[] | Readonly<Record<string, string>>;

export interface Param {
  readonly name: string;
  readonly value: ParamValue;
}

export interface PropertySpec {
  readonly type?: ParamType;
}

export interface ParamSpec {
  readonly name: string;
  readonly type?: ParamType;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, PropertySpec>>;
  readonly default?: ParamValue;
  readonly enum?: readonly string[];
}

export function typeOfValue(value: ParamValue): ParamType {
  if (typeof value === "string") return "string";
  return isArrayValue(value) ? "array" : "object";
}

export function isArrayValue(value: ParamValue): value is readonly string[] {
  return Array.isArray(value);
}
