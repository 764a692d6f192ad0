import { type Json, type JsonObject } from "@lapcat/manifest";
import { goJson } from "./go-json.ts";
import { isObject } from "./is-object.ts";

/** What a step or task took and made, as its `provenance.json` says it (v1 artifact_types.go). */
export interface Artifacts {
  readonly inputs: readonly Artifact[];
  readonly outputs: readonly Artifact[];
}

export interface Artifact {
  readonly name?: string;
  readonly values?: readonly ArtifactValue[];
  readonly buildOutput?: boolean;
}

export interface ArtifactValue {
  readonly digest?: Readonly<Record<string, string>>;
  readonly uri?: string;
}

export const noArtifacts: Artifacts = { inputs: [], outputs: [] };

/** Undefined where Go could not read the text as artifacts: not JSON, or a value of another type. */
export function readArtifacts(text: string): Artifacts | undefined {
  try {
    const value = JSON.parse(text) as Json;
    if (value === null) return noArtifacts;
    const { inputs, outputs } = objectIn(value);
    return { inputs: listIn(inputs).map(artifactIn), outputs: listIn(outputs).map(artifactIn) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function artifactIn(value: Json): Artifact {
  const { name, values, buildOutput } = objectIn(value);
  const all = listIn(values).map(valueIn);
  if (buildOutput !== undefined && buildOutput !== null && typeof buildOutput !== "boolean") throw new SyntaxError();
  return {
    ...textIn("name", name),
    ...(all.length > 0 && { values: all }),
    ...(buildOutput === true && { buildOutput }),
  };
}

function valueIn(value: Json): ArtifactValue {
  const { digest, uri } = objectIn(value);
  const digests = Object.entries(objectIn(digest ?? {})).map(([key, each]): [string, string] => {
    if (typeof each !== "string") throw new SyntaxError();
    return [key, each];
  });
  // As Go writes a map.
  digests.sort(([a], [b]) => (a < b ? -1 : 1));
  return { ...(digests.length > 0 && { digest: Object.fromEntries(digests) }), ...textIn("uri", uri) };
}

function objectIn(value: Json): JsonObject {
  if (!isObject(value)) throw new SyntaxError();
  return value;
}

function listIn(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new SyntaxError();
  return value;
}

function textIn<K extends string>(key: K, value: Json | undefined): { readonly [P in K]?: string } {
  if (value === undefined || value === null || value === "") return {};
  if (typeof value !== "string") throw new SyntaxError();
  return { [key]: value } as { readonly [P in K]?: string };
}

/** Both, each name once, with the values of both, each once (Artifacts.Merge; what is an output of one kind stays one). */
export function mergeArtifacts(one: Artifacts, other: Artifacts): Artifacts {
  return {
    inputs: merged(one.inputs, other.inputs).map(({ buildOutput: _buildOutput, ...input }) => input),
    outputs: merged(one.outputs, other.outputs),
  };
}

function merged(one: readonly Artifact[], other: readonly Artifact[]): readonly Artifact[] {
  const byName = new Map(one.map((each) => [each.name, each]));
  for (const each of other) {
    const before = byName.get(each.name);
    const values = [...(before?.values ?? [])];
    for (const value of each.values ?? [])
      if (!values.some((known) => goJson(known) === goJson(value))) values.push(value);
    const buildOutput = before?.buildOutput === true || each.buildOutput === true;
    byName.set(each.name, {
      ...(each.name !== undefined && { name: each.name }),
      ...(values.length > 0 && { values }),
      ...(buildOutput && { buildOutput }),
    });
  }
  return [...byName.values()];
}

/** What a reference to an artifact is replaced with: its values as Go writes them. */
export function artifactText({ values }: Artifact): string {
  return goJson(values ?? null);
}
