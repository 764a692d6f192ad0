import { fail, succeed, type Result } from "@lapcat/diagnostic";
import { type Param, type ParamSpec } from "../param.ts";

/**
 * `-p name=value` in tkn's grammar (cli pkg/params parseParam): text as it is, `v1,v2` for an array, `k1:v1, k2:v2` for an object.
 * Which of them is said by the declaration; without one the value is text.
 */
export function parseParamFlag(text: string, spec: ParamSpec | undefined): Result<Param> {
  const at = text.indexOf("=");
  if (at < 1) return usage(`-p ${JSON.stringify(text)} is not NAME=VALUE`);
  const name = text.slice(0, at);
  const value = text.slice(at + 1);
  if (spec?.type === "array") return succeed({ name, value: value === "" ? [] : value.split(",") });
  if (spec?.type !== "object") return succeed({ name, value });
  const entries: [string, string][] = [];
  for (const field of value.split(",")) {
    const colon = field.indexOf(":");
    if (colon === -1)
      return usage(
        `-p ${name}: ${JSON.stringify(field.trim())} is not KEY:VALUE`,
        `write -p "${name}=key1:value1, key2:value2"`,
      );
    entries.push([field.slice(0, colon).trim(), field.slice(colon + 1).trim()]);
  }
  return succeed({ name, value: Object.fromEntries(entries) });
}

/** The name in a `-p` flag, by which its declaration is found. */
export function paramFlagName(text: string): string {
  const at = text.indexOf("=");
  return at === -1 ? text : text.slice(0, at);
}

function usage(message: string, hint?: string): Result<never> {
  return fail([{ code: "usage", severity: "error", message, ...(hint !== undefined && { hint }) }]);
}
