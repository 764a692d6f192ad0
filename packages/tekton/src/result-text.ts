import { type ParamValue } from "./param.ts";

/**
 * A text that may be JSON as a value (ParamValue.UnmarshalJSON): a list or an object of texts is that, a text in quotes what stands
 * in them; all else is the text as it is.
 */
export function valueInText(text: string): ParamValue {
  const value = json(text);
  if (Array.isArray(value)) return text.startsWith("[") && value.every(isText) ? value : text;
  if (value === null) return "";
  if (typeof value === "object") {
    const entries = Object.entries(value as object);
    const all = entries.every((entry): entry is [string, string] => isText(entry[1]));
    return text.startsWith("{") && all ? Object.fromEntries(entries) : text;
  }
  return isText(value) ? value : text;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
