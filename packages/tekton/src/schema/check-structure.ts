import { type ErrorObject } from "ajv";
import { compileChecker } from "./compile-checker.ts";
import { type Schema } from "./dsl.ts";

/** Where a document's structure is not what its noun asks for. `at` is a JSON pointer. */
export interface StructureFault {
  readonly at: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly schema: Schema;
  readonly value: unknown;
}

/** Every fault of a value as a noun: `v1/Task`, `StepAction`, `Secret`. */
export function checkStructure(noun: string, value: unknown): readonly StructureFault[] {
  const check = compileChecker(noun);
  if (check(value) === true) return [];
  return (check.errors ?? []).map(fault);
}

function fault(error: ErrorObject): StructureFault {
  return {
    at: error.instancePath,
    keyword: error.keyword,
    params: error.params,
    schema: error.parentSchema ?? {},
    value: error.data,
  };
}
