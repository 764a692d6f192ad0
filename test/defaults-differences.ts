/**
 * Where the resource we make of a document is not, letter for letter, upstream's: rows of `defaults.jsonl` by their name. In each
 * only the annotation differs that is named; all else is compared and equal.
 */
const deprecations = "tekton.dev/v1beta1.task-deprecations";
const resources = "tekton.dev/v1beta1Resources";

/** Upstream keeps there what v1 has no field for, so that it can be read back as v1beta1. We never convert back: we warn, or refuse. */
export const differingAnnotations: Readonly<Record<string, string>> = {
  "TestPipelineConversion/pipeline_with_deprecated_fields_in_step_and_stepTemplate": deprecations,
  "TestPipelineRunConversion/pipelinerun_with_deprecated_fields_in_step_and_stepTemplate": deprecations,
  "TestTaskConversion/task_conversion_deprecated_fields": deprecations,
  "TestTaskConversion/task_conversion_deprecated_step_template_fields_panic_check": deprecations,
  "TestTaskRunConversion/taskrun_conversion_deprecated_step_fields": deprecations,
  // PipelineResources are refused as errors: nothing could execute them.
  "TestPipelineConversionFromDeprecated/pipeline_resources": resources,
  "TestPipelineRunConversionFromDeprecated/resources": resources,
  "TestTaskConversionFromDeprecated/input_resources": resources,
  "TestTaskConversionFromDeprecated/output_resources": resources,
  "TestTaskRunConversionFromDeprecated/input_resources": resources,
  "TestTaskRunConversionFromDeprecated/output_resources": resources,
  "TestTaskSpecValidateError/with_resources": resources,
};
