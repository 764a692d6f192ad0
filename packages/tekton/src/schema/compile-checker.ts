import { Ajv, type Options, type ValidateFunction } from "ajv";
import { allSchemas } from "./all-schemas.ts";

/** Chosen for a short way to the first answer: no messages (ours are kinder), one function a noun, no optimising pass. */
const options: Options = {
  allErrors: true,
  verbose: true,
  messages: false,
  inlineRefs: false,
  strict: false,
  meta: false,
  validateSchema: false,
};

/** An ajv that knows every noun's schema and has compiled none. */
export function ajvOfNouns(code: Options["code"]): Ajv {
  const ajv = new Ajv({ ...options, code: { ...code, optimize: false } });
  for (const [name, schema] of Object.entries(allSchemas())) ajv.addSchema({ ...schema, $id: `/${name}` });
  return ajv;
}

let ajv: Ajv | undefined;

/**
 * A noun's checker, compiled when the first document needs it: nobody waits for the kinds they do not use.
 * The published bundle has this module's work done beforehand: see `standalone-checkers.ts`.
 */
export function compileChecker(noun: string): ValidateFunction {
  ajv ??= ajvOfNouns({});
  const made = ajv.getSchema(`/${noun}`);
  if (made === undefined) throw new Error(`there is no schema for ${noun}`);
  return made;
}
