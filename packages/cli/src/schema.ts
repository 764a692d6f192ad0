import { didYouMean, type Diagnostic, hasErrors } from "@lapcat/diagnostic";
import { editorKinds, editorSchema, type JsonSchema, type Pipeline, runSchema } from "@lapcat/tekton";
import { exitCodes } from "./exit-code.ts";
import { readInputs } from "./inputs.ts";
import { refuse, tell } from "./tell.ts";
import { type Command, type World } from "./world.ts";

export interface SchemaOptions {
  readonly runOf?: string;
}

/** Prints a JSON Schema for editors: of a kind, of all, or of the runs of one Pipeline, which `name` tells among several. */
export const schema: Command<SchemaOptions, readonly [string | undefined]> = async (world, { runOf }, name) => {
  if (runOf !== undefined) return await schemaOfRuns(world, runOf, name);
  const kind = editorKinds.find((each) => each.toLowerCase() === name?.toLowerCase());
  if (name === undefined || kind !== undefined) return await print(world, editorSchema(kind));
  const meant = didYouMean(name, editorKinds);
  return refuse(world, [
    usage(
      `there is no schema of ${JSON.stringify(name)}`,
      meant === undefined ? `there are ${editorKinds.join(", ")}` : `did you mean ${meant}?`,
    ),
  ]);
};

async function schemaOfRuns(world: World, file: string, name: string | undefined): Promise<number> {
  const inputs = await readInputs(world, { filename: [file], recursive: false, featureFlag: [], configDefault: [] });
  if (!inputs.ok || hasErrors(inputs.diagnostics)) return refuse(world, inputs.diagnostics);
  const pipelines = inputs.value.resources.flatMap(({ resource }): readonly Pipeline[] =>
    resource.kind === "Pipeline" ? [resource] : [],
  );
  const named = name === undefined ? pipelines : pipelines.filter(({ metadata }) => metadata.name === name);
  const [pipeline, ...others] = named;
  if (pipeline !== undefined && others.length === 0) {
    tell(
      world,
      inputs.diagnostics.filter(({ severity }) => severity !== "note"),
    );
    return await print(world, runSchema(pipeline));
  }
  const names = pipelines.map(({ metadata }) => metadata.name ?? "").join(", ");
  const message =
    pipeline === undefined ? `there is no such Pipeline in ${file}` : `there are several Pipelines in ${file}`;
  return refuse(world, [usage(message, names === "" ? "give the file of a Pipeline" : `name one of them: ${names}`)]);
}

async function print(world: World, made: JsonSchema): Promise<number> {
  await world.out.write(`${JSON.stringify(made, undefined, 2)}\n`);
  return exitCodes.succeeded;
}

function usage(message: string, hint: string): Diagnostic {
  return { code: "usage", severity: "error", message, hint };
}
