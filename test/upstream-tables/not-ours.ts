/** Functions of Go that lapcat has no counterpart of, each with the reason. */
export const notOurs: Readonly<Record<string, string>> = {
  "apis/pipeline/v1.Params.ExtractNames": "the names of a list as a set: a line wherever it is needed",
  "substitution.ExtractIndex": "Go's Atoi",
  "workspace.AddSidecarVolumeMount": "one append in Go, a part of workspace.Apply, which is compared",
};

/** Single cases, by the beginning of their names. */
export const notOurCases: Readonly<Record<string, string>> = {
  "TestValidateValidateNoReferencesToEntireProhibitedVariables/invalid_regex":
    "our prefixes are words and no regular expressions",
  "TestGetTaskRunName/existing_taskrun": "a run is made once; the names of its children stand in its log",
  TestValidatePipelineTaskResults_MissingTaskSpec: "a closed run has every definition: the type has no other",
  "TestGetStepActionsData_Error/namespace_missing_error": "a run has a namespace before anything is resolved",
  "TestPipelineRunTimeouts/tasks_timeout_set": "admission always writes timeouts.pipeline",
  "TestPipelineRunTimeouts/finally_timeout_set": "admission always writes timeouts.pipeline",
};
