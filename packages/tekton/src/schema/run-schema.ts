import { type ParamSpec } from "../param.ts";
import { type Pipeline } from "../pipeline.ts";
import { editorSchema, type JsonSchema } from "./editor-schema.ts";

/** The schema of PipelineRuns of one Pipeline: its params with their types, defaults and choices, and its workspaces. */
export function runSchema(pipeline: Pipeline): JsonSchema {
  const { params = [], workspaces = [] } = pipeline.spec;
  const { name } = pipeline.metadata;
  const neededParams = params.filter((each) => each.default === undefined).map((each) => each.name);
  const neededWorkspaces = workspaces.filter(({ optional }) => optional !== true).map((each) => each.name);
  const base = editorSchema("PipelineRun");
  const required = [
    ...(neededParams.length > 0 ? ["params"] : []),
    ...(neededWorkspaces.length > 0 ? ["workspaces"] : []),
  ];
  return {
    ...base,
    title: `A PipelineRun of ${name ?? "the Pipeline"}`,
    ...(pipeline.spec.description !== undefined && { description: pipeline.spec.description }),
    properties: {
      ...(base["properties"] as JsonSchema),
      spec: {
        type: "object",
        properties: {
          ...(name !== undefined && { pipelineRef: { properties: { name: { const: name } } } }),
          params: named(
            params.map((each) => ({ name: each.name, schema: paramSchema(each) })),
            neededParams,
          ),
          workspaces: named(
            workspaces.map((each) => ({ name: each.name, schema: described(each.description) })),
            neededWorkspaces,
          ),
        },
        ...(required.length > 0 && { required }),
      },
    },
    required: [...(base["required"] as readonly string[]), ...(required.length > 0 ? ["spec"] : [])],
  };
}

/** A list of things with names: only these, each as its own schema says, and the needed ones among them. */
function named(
  items: readonly { readonly name: string; readonly schema: JsonSchema }[],
  needed: readonly string[],
): JsonSchema {
  const withName = (name: string): JsonSchema => ({ properties: { name: { const: name } }, required: ["name"] });
  return {
    type: "array",
    items: {
      type: "object",
      properties: { name: { enum: items.map(({ name }) => name) } },
      // eslint-disable-next-line unicorn/no-thenable -- JSON Schema's own word.
      allOf: items.map(({ name, schema }) => ({ if: withName(name), then: schema })),
    },
    ...(needed.length > 0 && { allOf: needed.map((name) => ({ contains: withName(name) })) }),
  };
}

function paramSchema(param: ParamSpec): JsonSchema {
  const { description, default: otherwise } = param;
  const value = {
    ...valueType(param),
    ...(description !== undefined && { description }),
    ...(otherwise !== undefined && { default: otherwise }),
  };
  return { ...described(description), properties: { value }, required: ["value"] };
}

function valueType({ type, enum: choices, properties = {}, default: otherwise }: ParamSpec): JsonSchema {
  if (type === "array") return { type: "array", items: { type: "string" } };
  if (type === "object") {
    const given = typeof otherwise === "object" ? Object.keys(otherwise) : [];
    const needed = Object.keys(properties).filter((key) => !given.includes(key));
    return {
      type: "object",
      properties: Object.fromEntries(Object.keys(properties).map((key) => [key, { type: "string" }] as const)),
      additionalProperties: { type: "string" },
      ...(needed.length > 0 && { required: needed }),
    };
  }
  // Numbers and booleans become text.
  return choices === undefined ? { type: ["string", "number", "boolean"] } : { enum: choices };
}

function described(description: string | undefined): JsonSchema {
  return description === undefined ? {} : { description };
}
