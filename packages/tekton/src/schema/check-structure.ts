import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { coreSchemas } from "./core.ts";
import { customRunSchema, verificationPolicySchema } from "./custom-run.ts";
import { type Schema, type Version } from "./dsl.ts";
import { objectSchemas } from "./objects.ts";
import { pipelineSchemas, sharedPipelineSchemas } from "./pipeline.ts";
import { runSchemas } from "./runs.ts";
import { sharedSchemas, stepActionSchema, taskSchemas } from "./task.ts";

/** Where a document's structure is not what its noun asks for. `at` is a JSON pointer. */
export interface StructureFault {
  readonly at: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly schema: Schema;
  readonly value: unknown;
}

/** All schemas, by the name they are referred to with. */
export function allSchemas(): Readonly<Record<string, Schema>> {
  const versions: readonly Version[] = ["v1", "v1beta1"];
  const nouns = versions.flatMap((version) =>
    Object.entries({ ...taskSchemas(version), ...pipelineSchemas(version), ...runSchemas(version) }).map(
      ([name, schema]): [string, Schema] => [`${version}/${name}`, schema],
    ),
  );
  return {
    ...coreSchemas,
    ...sharedSchemas,
    ...sharedPipelineSchemas,
    ...objectSchemas,
    StepAction: stepActionSchema,
    CustomRun: customRunSchema,
    VerificationPolicy: verificationPolicySchema,
    ...Object.fromEntries(nouns),
  };
}

/** Chosen for a short way to the first answer: no messages (ours are kinder), one function a noun, no optimising pass. */
const options: Options = {
  allErrors: true,
  verbose: true,
  messages: false,
  inlineRefs: false,
  code: { optimize: false },
  strict: false,
  meta: false,
  validateSchema: false,
};

let ajv: Ajv | undefined;
const compiled = new Map<string, ValidateFunction>();

/** A noun's checker, compiled when the first document needs it: nobody waits for the kinds they do not use. */
function checker(noun: string): ValidateFunction {
  const known = compiled.get(noun);
  if (known !== undefined) return known;
  if (ajv === undefined) {
    ajv = new Ajv(options);
    for (const [name, schema] of Object.entries(allSchemas())) ajv.addSchema({ ...schema, $id: `/${name}` });
  }
  const made = ajv.getSchema(`/${noun}`);
  if (made === undefined) throw new Error(`there is no schema for ${noun}`);
  compiled.set(noun, made);
  return made;
}

/** Every fault of a value as a noun: `v1/Task`, `StepAction`, `Secret`. */
export function checkStructure(noun: string, value: unknown): readonly StructureFault[] {
  const check = checker(noun);
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
