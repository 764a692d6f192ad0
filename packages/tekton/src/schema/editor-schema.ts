import { allSchemas } from "./all-schemas.ts";
import { choicesOf, describeField } from "./descriptions.ts";
import { type Schema } from "./dsl.ts";

/** JSON Schema, draft 2020-12, as plain data. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The apiVersions that a kind is written in, each with its noun. */
const served: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  ...Object.fromEntries(
    ["Task", "Pipeline", "TaskRun", "PipelineRun"].map((kind) => [
      kind,
      ["v1", "v1beta1"].map((version) => [`tekton.dev/${version}`, `${version}/${kind}`] as const),
    ]),
  ),
  StepAction: [
    ["tekton.dev/v1beta1", "StepAction"],
    ["tekton.dev/v1alpha1", "StepAction"],
  ],
  CustomRun: [["tekton.dev/v1beta1", "CustomRun"]],
};

/** The kinds that have a schema for editors. */
export const editorKinds: readonly string[] = Object.keys(served);

const draft = "https://json-schema.org/draft/2020-12/schema";

/** The schema of one kind; without one, of a document of any of them, told apart by apiVersion and kind. */
export function editorSchema(kind?: string): JsonSchema {
  const kinds = kind === undefined ? editorKinds : [kind];
  const pairs = kinds.flatMap((each) =>
    (served[each] ?? []).map(([apiVersion, noun]) => ({ kind: each, apiVersion, noun })),
  );
  const versions = [...new Set(pairs.map(({ apiVersion }) => apiVersion))];
  const refs = new Set<string>();
  const cases = pairs.map(({ kind: name, apiVersion, noun }) => ({
    if: {
      properties: { apiVersion: { const: apiVersion }, kind: { const: name } },
      required: ["apiVersion", "kind"],
    },
    // eslint-disable-next-line unicorn/no-thenable -- JSON Schema's own word.
    then: { $ref: pointer(noun, refs) },
  }));
  const others = kind === undefined ? [{ type: "string" }] : [];
  return {
    $schema: draft,
    title: kind === undefined ? "A document for Tekton" : `Tekton's ${kind}`,
    type: "object",
    properties: {
      apiVersion: oneOf(versions, others, describeField("", "apiVersion")),
      kind: oneOf(kinds, others, describeField("", "kind")),
    },
    required: ["apiVersion", "kind"],
    allOf: cases,
    $defs: definitions(refs),
  };
}

function oneOf(values: readonly string[], others: readonly JsonSchema[], description: string | undefined): JsonSchema {
  const known = { enum: values };
  return { description, ...(others.length === 0 ? known : { anyOf: [known, ...others] }) };
}

/** The nouns that are reached from those given. */
function definitions(refs: Set<string>): JsonSchema {
  const all = allSchemas();
  const made: Record<string, JsonSchema> = {};
  // A set's iteration meets what is added on the way.
  for (const noun of refs) {
    const schema = all[noun];
    if (schema === undefined) throw new Error(`there is no schema for ${noun}`);
    made[nameOf(noun)] = translate(schema, noun.split("/").at(-1) ?? noun, refs);
  }
  return Object.fromEntries(Object.entries(made).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nameOf(noun: string): string {
  return noun.replace("/", ".");
}

function pointer(noun: string, refs: Set<string>): string {
  refs.add(noun);
  return `#/$defs/${nameOf(noun)}`;
}

function translate(schema: Schema, noun: string, refs: Set<string>): JsonSchema {
  const { $ref, properties, items, additionalProperties: more } = schema;
  return {
    ...($ref !== undefined && { $ref: pointer($ref.replace(/^\//u, ""), refs) }),
    ...(schema.type !== undefined && { type: schema.type }),
    ...(schema.pattern !== undefined && { pattern: schema.pattern }),
    ...(schema.description !== undefined && { description: schema.description }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, property(each, noun, name, refs)]),
      ),
    }),
    ...(schema.required !== undefined && { required: schema.required }),
    ...(items !== undefined && { items: translate(items, noun, refs) }),
    ...(more !== undefined && { additionalProperties: typeof more === "boolean" ? more : translate(more, noun, refs) }),
  };
}

function property(schema: Schema, noun: string, name: string, refs: Set<string>): JsonSchema {
  const made = translate(schema, noun, refs);
  const choices = choicesOf(noun, name);
  const description = describeField(noun, name) ?? schema.description;
  const isValue = schema.type === undefined && schema.$ref === undefined && valueFields.has(`${noun}.${name}`);
  return {
    ...made,
    ...(isValue && { type: ["string", "number", "boolean", "array", "object"] }),
    // Printed as null by Go where an object was never created.
    ...(name === "creationTimestamp" && { type: ["string", "null"] }),
    ...(choices !== undefined &&
      (choices.open ? { anyOf: [{ enum: choices.values }, { type: "string" }] } : { enum: choices.values })),
    ...(description !== undefined && { description }),
  };
}

/** Tekton's param values: text, a list of texts or a map of texts; other JSON is taken as text. */
const valueFields: ReadonlySet<string> = new Set([
  "Param.value",
  "ParamSpec.default",
  "TaskResult.value",
  "PipelineResult.value",
]);
