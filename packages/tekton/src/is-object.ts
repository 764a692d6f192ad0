import { type Json, type JsonObject } from "@lapcat/manifest";

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
