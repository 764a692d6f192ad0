import { writeFile } from "node:fs/promises";
import { type Diagnostic, hasErrors, LapcatError } from "@lapcat/diagnostic";
import { fetcherFor, loadSources } from "@lapcat/resolution";
import { convertManifest } from "@lapcat/tekton";
import { exitCodeOf, exitCodes } from "./exit-code.ts";
import { noDocuments } from "./inputs.ts";
import { tell } from "./tell.ts";
import { type Command } from "./world.ts";

export interface ConvertOptions {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly inPlace: boolean;
}

/** Prints the documents as v1, or writes them back; files that cannot be converted are told and left alone. */
export const convert: Command<ConvertOptions> = async (world, options) => {
  if (options.filename.length === 0) {
    tell(world, [noDocuments]);
    return exitCodes.input;
  }
  const { filename: files, recursive } = options;
  const loaded = await loadSources({
    files,
    recursive,
    stdin: world.stdin,
    fetch: fetcherFor(world.env),
  });
  const diagnostics: Diagnostic[] = [...loaded.diagnostics];
  const texts: string[] = [];
  for (const source of loaded.ok ? loaded.value : []) {
    const isFile = source.name !== "-" && !/^https?:\/\//u.test(source.name);
    const converted = convertManifest(source);
    diagnostics.push(...converted.diagnostics);
    if (!converted.ok) continue;
    if (!options.inPlace || !isFile) texts.push(converted.value);
    else if (converted.value !== source.text) {
      await write(source.name, converted.value);
      world.err.print(`${source.name}: converted`);
    }
  }
  if (texts.length > 0) await world.out.write(stream(texts));
  tell(world, diagnostics);
  return hasErrors(diagnostics) ? exitCodeOf(diagnostics) : exitCodes.succeeded;
};

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new LapcatError({ code: "file.unreadable", message: `${file} cannot be written` }, error);
  }
}

/** Files one after the other, as one stream of documents; a single one is as it was. */
function stream(texts: readonly string[]): string {
  return texts
    .map((text, index) => {
      const ended = text.endsWith("\n") || index === texts.length - 1 ? text : `${text}\n`;
      return index === 0 || /^(?:#.*\n|\s*\n)*---/u.test(text) ? ended : `---\n${ended}`;
    })
    .join("");
}
