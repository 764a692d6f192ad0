import { hasErrors, type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type Json, type JsonObject, type ManifestDocument, type Path } from "@lapcat/manifest";
import { type ConfigDefaults } from "../config-defaults.ts";
import { setDefaults } from "../defaults.ts";
import { isObject } from "../is-object.ts";
import { type Located, type TektonResource } from "../resource.ts";
import { checkStructure, type StructureFault } from "../schema/check-structure.ts";
import { withoutEmptyLists, withoutNulls } from "./clean.ts";
import { convert } from "./convert.ts";
import { keptAnnotations } from "./kept-annotations.ts";
import { type Reading } from "./kinds.ts";
import { withLetterCase } from "./letter-case.ts";
import { readObject } from "./objects.ts";
import { originOf } from "./origin.ts";
import { betaShapes, shapes } from "./shape.ts";
import { soundPart } from "./sound-part.ts";
import { structureDiagnostics } from "./structure-diagnostics.ts";

type Sound = Extract<Reading, { readonly how: "object" | "tekton" }>;

/** A document of a known kind: its structure, its conversion to v1, its defaults. */
export function readSound(
  reading: Sound,
  document: ManifestDocument,
  raw: JsonObject,
  base: Path,
  config: ConfigDefaults,
): { readonly located?: Located; readonly diagnostics: readonly Diagnostic[] } {
  const written = withoutNulls(raw);
  if (!isObject(written)) return { diagnostics: [] };
  const asWritten = originOf(document, base, new Map());
  const noun = reading.how === "tekton" ? reading.noun : reading.kind;
  const firstFaults = [...checkStructure(noun, written), ...nullFaults(noun, raw, written)];
  const repaired = withLetterCase(written, firstFaults, document, base);
  const value = repaired?.value ?? written;
  const faults =
    repaired === undefined ? firstFaults : [...checkStructure(noun, value), ...nullFaults(noun, raw, written)];
  // Where the cluster's decoder gives up, the rest is judged all the same: every error at once.
  const sound = faults.length > 0 ? soundPart(noun, value, faults) : { value, leftOut: [] };
  const told = structureDiagnostics(faults, value, asWritten);
  const diagnostics: Diagnostic[] = [
    ...(repaired?.diagnostics ?? []),
    ...(sound === undefined ? told.map((each): Diagnostic => ({ ...each, severity: "error" })) : told),
  ];
  if (sound === undefined || (hasErrors(diagnostics) && reading.how === "object")) return { diagnostics };
  if (reading.how === "object") {
    if (reading.kind === "Namespace") return { diagnostics };
    const read = readObject(reading.kind, value, asWritten);
    return {
      located: { resource: read.resource, origin: asWritten },
      diagnostics: [...diagnostics, ...read.diagnostics],
    };
  }

  const shape = (reading.beta ? betaShapes : shapes)[reading.kind] ?? {};
  const stored = withoutEmptyLists(sound.value);
  if (!isObject(stored)) return { diagnostics };
  const converted = convert(stored, shape, (path) => document.jsonTextAt([...base, ...path]));
  const say = (
    code: Diagnostic["code"],
    severity: Diagnostic["severity"],
    path: Path,
    message: string,
    hint?: string,
  ): void => {
    diagnostics.push({
      code,
      severity,
      message,
      span: asWritten.keySpanOf(path),
      path: formatPath(path),
      ...(hint !== undefined && { hint }),
    });
  };
  for (const { path, hint } of converted.refused) {
    say("field.unsupported", "error", path, `${formatPath(path)} is not supported`, hint);
  }
  for (const { path, other } of converted.clashes) {
    say("field.conflict", "error", path, `${formatPath(path)} and ${other} say the same thing: only one may be there`);
  }
  for (const path of converted.dropped) {
    say("field.no-effect", "warning", path, `${formatPath(path)} has no effect since Tekton v1`, "remove it");
  }
  const kept = reading.beta ? keptAnnotations(reading.kind, stored) : {};
  const resource = setDefaults(asResource(reading.kind, withAnnotations(converted.value, kept)), config);
  for (const path of converted.lost) {
    say(
      "field.no-effect",
      "warning",
      path,
      `a cluster stores this as v1, and forgets ${formatPath(path)} on the way`,
      "write apiVersion: tekton.dev/v1",
    );
  }
  const { leftOut } = sound;
  const origin = originOf(document, base, converted.written);
  return { located: { resource, origin, ...(leftOut.length > 0 && { leftOut }) }, diagnostics };
}

function withAnnotations(value: JsonObject, more: Readonly<Record<string, string>>): JsonObject {
  if (Object.keys(more).length === 0) return value;
  const metadata = isObject(value["metadata"]) ? value["metadata"] : {};
  const own = isObject(metadata["annotations"]) ? metadata["annotations"] : {};
  return { ...value, metadata: { ...metadata, annotations: { ...own, ...more } } };
}

/** The kinds that Tekton does not serve as v1. */
const versions: Readonly<Record<string, string>> = {
  StepAction: "v1beta1",
  CustomRun: "v1beta1",
  VerificationPolicy: "v1alpha1",
};

/** The door: what passed the schema of its noun is that noun. */
function asResource(kind: string, value: JsonObject): TektonResource {
  const apiVersion = `tekton.dev/${versions[kind] ?? "v1"}`;
  const sound: unknown = { ...value, apiVersion, kind, metadata: value["metadata"] ?? {}, spec: value["spec"] ?? {} };
  return sound as TektonResource;
}

/** Fields that nobody knows, and that are null: Go's decoder refuses them like any other. */
function nullFaults(noun: string, raw: JsonObject, written: Json): readonly StructureFault[] {
  if (raw === written) return [];
  return checkStructure(noun, raw).filter(
    ({ keyword, params, value }) =>
      keyword === "additionalProperties" &&
      isObject(value as Json) &&
      (value as JsonObject)[String(params["additionalProperty"])] === null,
  );
}
