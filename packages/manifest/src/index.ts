export { applyTextEdits, textEdits, type Edit, type TextEdit } from "./edit-manifest.ts";
export { jsonText } from "./json-text.ts";
export { formatPath, type Json, type JsonObject, type ManifestDocument, type Path } from "./manifest-document.ts";
export { parseManifest } from "./parse-manifest.ts";
export { stringifyManifest } from "./stringify-manifest.ts";
