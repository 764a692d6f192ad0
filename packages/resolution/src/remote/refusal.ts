import { type Code, fail, type Result } from "@lapcat/diagnostic";
import { type Placeless } from "./resolver.ts";

type ResolverCode = Extract<Code, `resolver.${string}`>;

/** One diagnostic without a place: why a resolver has no text. */
export function refusal<T>(code: ResolverCode, message: string, hint?: string): Result<T> {
  const placeless: Placeless = { code, severity: "error", message, ...(hint !== undefined && { hint }) };
  return fail([placeless]);
}
