import { type World } from "./world.ts";

export type ValueFormat = "json" | "yaml";
export type ListFormat = "text" | "name" | ValueFormat;

/** A value as JSON or YAML on standard output. */
export async function printValue(world: World, format: ValueFormat, value: unknown): Promise<void> {
  if (format === "json") {
    await world.out.write(`${JSON.stringify(value, undefined, 2)}\n`);
    return;
  }
  const { stringifyManifest } = await import("@lapcat/manifest");
  await world.out.write(stringifyManifest([value]));
}
