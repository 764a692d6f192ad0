import { replaceInRef, stepRefVariables } from "../../packages/plan/src/reference-variables.ts";
import { inlineStepActions, refersToStepActions } from "../../packages/plan/src/step-actions.ts";
import {
  type ParamSpec,
  type Step,
  type StepAction,
  stepActionKey,
  type TaskRun,
  type TaskSpec,
} from "../../packages/tekton/src/index.ts";
import { same, type Judges } from "./case.ts";

type Action = StepAction["spec"];

const image = "myimage";
const every = [
  "$(params.string-param)",
  "$(params.array-param[0])",
  "$(params.array-param[1])",
  "$(params.array-param[*])",
  "$(params.object-param.key)",
];
const three = [
  { name: "string-param", type: "string" },
  { name: "array-param", type: "array" },
  { name: "object-param", type: "object", properties: { key: { type: "string" } } },
] as const;
const words = ["step action", "array", "param"];
const defaulted = (object: Readonly<Record<string, string>>): readonly ParamSpec[] => [
  { ...three[0], default: "step action string param" },
  { ...three[1], default: words },
  { ...three[2], default: object },
];
const ls = { image, command: ["ls"], args: ["-lh"] };

/** What upstream's fake cluster has: the rows do not tell it. By the end of the row's name, then by the action's. */
const clusters: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  TestGetStepActionsData_Provenance: { "": { image: "myImage", command: ["ls"] } },
  "TestGetStepActionsData_Status/StepAction_only": {
    "first-stepaction": { image: "myImage" },
    "second-stepaction": { image },
  },
  "TestGetStepActionsData_Status/mixed_inline_and_StepAction": {
    "first-stepaction": { image: "myImage" },
    "second-stepaction": { image },
  },
  "step-action-with-command-args": {
    stepAction: { ...ls, volumeMounts: [{ name: "$(params.foo)", mountPath: "/path" }] },
  },
  "step-action-with-script": { stepActionWithScript: { image, script: "ls" } },
  "step-action-with-env": { stepActionWithEnv: { image, env: [{ name: "env1", value: "value1" }] } },
  "step-action-with-step-result": {
    stepActionWithScript: { image, script: "ls", results: [{ name: "foo", type: "string" }] },
  },
  inline_and_ref_StepAction: { stepAction: ls },
  multiple_ref_StepActions: {
    stepAction1: { image: "myimage1", command: ["ls"], args: ["-l"] },
    stepAction2: { image: "myimage2", script: "echo hello" },
  },
  "step-action-with-security-context-overwritten": { stepAction: { ...ls, securityContext: { runAsUser: 1000 } } },
  params_propagated_from_taskrun: { stepAction: { image, args: every, params: three } },
  params_propagated_from_taskspec: { stepAction: { image, args: every, params: three } },
  params_from_step_action_defaults: {
    stepAction: { image, args: every, params: defaulted({ key: "step action object param" }) },
  },
  params_propagated_partially_from_taskrun_taskspec_and_stepaction: {
    stepAction: {
      image,
      args: [...every, "$(params.object-param.key2)", "$(params.object-param.key3)"],
      params: defaulted({ key: "step action key1", key2: "step action key2", key3: "step action key3" }),
    },
  },
  params_in_step_propagated_to_stepaction_only: {
    stepAction: { image, args: ["echo", "$(params.stringparam)"], params: [{ name: "stringparam" }] },
  },
  propagating_step_result_substitution_strings_into_step_actions: {
    stepAction: {
      image,
      args: every,
      command: ['$(params["string-param"])', '$(params["array-param"][0])'],
      env: [
        { name: "env1", value: "$(params['array-param'][0])" },
        { name: "env2", value: "$(params['string-param'])" },
      ],
      params: three,
    },
  },
  param_types_are_matching: {
    stepAction: {
      image,
      args: ["$(params.commands)"],
      script: "echo $@",
      params: [{ name: "commands", type: "array", default: ["Hello, I am the default value"] }],
    },
  },
  step_result_reference_in_parameter: {
    stepAction: { image, args: ["$(params.message)"], params: [{ name: "message", type: "string" }] },
  },
  step_result_reference_with_array_type: {
    stepAction: {
      image,
      args: ["$(params.items[*])", "$(params.items[0])"],
      params: [{ name: "items", type: "array" }],
    },
  },
  step_result_reference_with_object_type: {
    stepAction: {
      image,
      args: ["$(params.config.key1)", "$(params.config.key2)"],
      params: [{ name: "config", type: "object", properties: { key1: {}, key2: {} } }],
    },
  },
  chained_parameter_references_in_defaults: {
    stepAction: {
      image,
      args: ["$(params.param1)", "$(params.param2)", "$(params.param3)"],
      params: [
        { name: "param1", default: "hello" },
        { name: "param2", default: "$(params.param1) world" },
        { name: "param3", default: "$(params.param2)!" },
      ],
    },
  },
  parameter_substitution_with_task_param_reference: {
    stepAction: { image, args: ["$(params.message)"], params: [{ name: "message", default: "$(params.task-param)" }] },
  },
  unresolvable_parameter_reference: {
    stepAction: { image, args: ["$(params.param1)"], params: [{ name: "param1", default: "$(params.nonexistent)" }] },
  },
  params_missing: { stepaction: { image, params: [{ name: "string-param" }] } },
  params_extra: { stepaction: { image } },
  param_types_not_matching: {
    stepAction: {
      image,
      args: ["$(params.commands)"],
      script: "echo $@",
      params: [{ name: "commands", type: "array", default: ["Hello, I am the default value"] }],
    },
  },
  TestGetStepActionsData_InvalidStepResultReference: { stepAction: { image, params: [{ name: "param1" }] } },
  TestGetStepActionsDataConcurrentObjectParamDefault: {
    echo: { image: "bash:latest", params: [{ name: "msg" }], args: ["$(params.msg)"] },
  },
};

interface StepActionInput {
  readonly taskSpec: TaskSpec;
  readonly taskRun: TaskRun;
  readonly tr: TaskRun;
  readonly step: Step;
}

export const stepActionJudges: Judges = {
  "reconciler/taskrun/resources.hasStepRefs": ({ input, expected }) => [
    refersToStepActions((input as unknown as StepActionInput).taskSpec),
    expected,
  ],
  "reconciler/taskrun/resources.GetStepActionsData": ({ name, input, expected, error }) => {
    const { taskSpec, taskRun } = input as unknown as StepActionInput;
    const cluster = clusters[name] ?? clusters[name.slice(name.indexOf("/") + 1)] ?? {};
    const refs = (taskSpec.steps ?? []).flatMap(({ ref }) => ref ?? []);
    const actions = new Map(
      refs.flatMap((ref) => {
        const spec = cluster[ref.name ?? ""];
        return spec === undefined ? [] : [[stepActionKey(ref), { resource: { spec } }] as const];
      }),
    );
    const { spec, faults } = inlineStepActions(taskSpec, taskRun.spec.params ?? [], actions);
    return error === undefined ? same(spec.steps, expected) : [faults[0]?.message, error];
  },
  "reconciler/taskrun/resources.ApplyParameterSubstitutionInResolverParams": ({ input, expectedArgs }) => {
    const { taskSpec, tr, step } = input as unknown as StepActionInput;
    const variables = stepRefVariables(taskSpec.params ?? [], tr.spec.params ?? []);
    return same({ ...step, ref: replaceInRef({ params: [], ...step.ref }, variables) }, expectedArgs?.["step"]);
  },
};
