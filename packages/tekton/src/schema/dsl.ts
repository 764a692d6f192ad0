/** The few words of JSON Schema that the nouns are written in. */
export interface Schema {
  readonly $id?: string;
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMaximum?: number;
  /** What a value looks like, for the message when one does not. */
  readonly description?: string;
}

/** The version a document was written in, for the nouns that differ. */
export type Version = "v1" | "v1beta1";

export const text: Schema = { type: "string" };
/** Go's int64, whose bounds are no numbers of JSON: what reaches them is beyond. */
export const integer: Schema = { type: "integer", minimum: -(2 ** 63), exclusiveMaximum: 2 ** 63 };
export const int32: Schema = { type: "integer", minimum: -(2 ** 31), exclusiveMaximum: 2 ** 31 };
export const boolean: Schema = { type: "boolean" };
export const anything: Schema = {};
export const anyObject: Schema = { type: "object" };
export const texts: Schema = list(text);
export const textMap: Schema = { type: "object", additionalProperties: text };
export const duration: Schema = {
  type: "string",
  pattern: "^[+-]?(0|((\\d+\\.?\\d*|\\.\\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$",
  description: "a duration such as 1h30m or 90s",
};
export const time: Schema = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$",
  description: "a time such as 2026-01-31T12:00:00Z",
};
export const quantity: Schema = {
  type: ["string", "number"],
  pattern: "^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$",
  description: "a quantity such as 500m or 1Gi",
};
export const quantities: Schema = { type: "object", additionalProperties: quantity };
export const intOrText: Schema = { ...int32, type: ["integer", "string"] };

export function list(items: Schema): Schema {
  return { type: "array", items };
}

export function ref(noun: string): Schema {
  return { $ref: `/${noun}` };
}

/** Fields by name; one with a `!` at its end has to be there. Others are unknown. */
export function object(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.entries(fields).map(([name, schema]): [string, Schema] => [name.replace(/!$/u, ""), schema]);
  const required = Object.keys(fields).flatMap((name) => (name.endsWith("!") ? [name.slice(0, -1)] : []));
  return {
    type: "object",
    properties: Object.fromEntries(names),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
  };
}
