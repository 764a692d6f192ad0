import { coreSchemas } from "./core.ts";
import { customRunSchema, verificationPolicySchema } from "./custom-run.ts";
import { type Schema, type Version } from "./dsl.ts";
import { objectSchemas } from "./objects.ts";
import { pipelineSchemas, sharedPipelineSchemas } from "./pipeline.ts";
import { runSchemas } from "./runs.ts";
import { sharedSchemas, stepActionSchema, taskSchemas } from "./task.ts";
import { volumeSchemas } from "./volumes.ts";

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
    ...volumeSchemas,
    ...sharedSchemas,
    ...sharedPipelineSchemas,
    ...objectSchemas,
    StepAction: stepActionSchema,
    CustomRun: customRunSchema,
    VerificationPolicy: verificationPolicySchema,
    ...Object.fromEntries(nouns),
  };
}
