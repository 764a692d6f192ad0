import { type Code } from "@lapcat/diagnostic";
import {
  mergeReplacements,
  notations,
  paramReplacements,
  type Replacements,
  stringReplacements,
} from "@lapcat/substitution";
import {
  type Param,
  type ParamSpec,
  type ParamValue,
  type Step,
  type StepAction,
  stepActionKey,
  type TaskSpec,
} from "@lapcat/tekton";
import { taskReplacements, typeOfParam } from "./param-values.ts";
import { type Path } from "./place.ts";
import { replaceParams } from "./replacements.ts";
import { replaceInTaskSpec } from "./task-spec-replacement.ts";

type ActionSpec = StepAction["spec"];
/** By `stepActionKey`. */
export type StepActions = ReadonlyMap<string, { readonly resource: { readonly spec: ActionSpec } }>;

/** Why a StepAction cannot be put in a step's place: in Tekton's words, and where in the Task. */
export interface StepActionFault {
  readonly code: Code;
  readonly message: string;
  readonly path: Path;
}

/** A Task's steps with the StepActions in place of the references, in the order of the steps. */
export interface InlinedSteps {
  readonly spec: TaskSpec;
  readonly faults: readonly StepActionFault[];
}

export function refersToStepActions({ steps = [] }: TaskSpec): boolean {
  return steps.some(({ ref }) => ref !== undefined);
}

/**
 * Puts StepActions in the place of the steps that refer to them; `passed` are the TaskRun's params (GetStepActionsData). A step
 * that cannot be made stays as it is.
 */
export function inlineStepActions(
  spec: TaskSpec,
  passed: readonly Param[],
  actions: StepActions | undefined,
): InlinedSteps {
  if (!refersToStepActions(spec)) return { spec, faults: [] };
  const ofTask = taskReplacements(spec.params ?? [], passed);
  const faults: StepActionFault[] = [];
  const steps = (spec.steps ?? []).map((step, index) => {
    if (step.ref === undefined) return step;
    const { name = "" } = step.ref;
    const action = actions?.get(stepActionKey(step.ref))?.resource.spec;
    const given = replaceParams(step.params ?? [], ofTask);
    const made = action === undefined ? notFound(name) : madeStep(step, action, given);
    if ("message" in made) {
      const of = `failed to resolve step ref for step ${JSON.stringify(step.name ?? "")} (index ${index})`;
      faults.push({
        ...made,
        message: `${of}: ${made.message}`,
        path: ["steps", index, ...made.path],
      });
      return step;
    }
    return made;
  });
  return { spec: { ...spec, steps }, faults };
}

function madeStep(step: Step, action: ActionSpec, given: readonly Param[]): Step | Fault {
  const replacements = actionReplacements(action, given);
  return "message" in replacements ? replacements : stepOf(step, inAction(action, replacements));
}

/** The fields that a step takes from its action, with the params in them (StepActionSpec.ToStep, ApplyStepReplacements). */
function inAction(
  { image, command, args, workingDir, script, env, volumeMounts, securityContext, results }: ActionSpec,
  replacements: Replacements,
): Step {
  const step: Step = {
    ...(image !== undefined && { image }),
    ...(command !== undefined && command.length > 0 && { command }),
    ...(args !== undefined && args.length > 0 && { args }),
    ...(workingDir !== undefined && { workingDir }),
    ...(script !== undefined && { script }),
    ...(env !== undefined && { env }),
    ...(volumeMounts !== undefined && volumeMounts.length > 0 && { volumeMounts }),
    ...(securityContext !== undefined && { securityContext }),
    ...(results !== undefined && results.length > 0 && { results }),
  };
  return replaceInTaskSpec({ steps: [step] }, replacements).steps?.[0] ?? step;
}

/** What the step says of the image, the directory and the user counts for nothing: the action has them, or nobody. */
function stepOf(step: Step, made: Step): Step {
  const { ref: _ref, params: _params, image: _image, workingDir: _dir, securityContext: _security, ...own } = step;
  return { ...own, ...made };
}

type Fault = StepActionFault;

function notFound(name: string): Fault {
  return {
    code: "stepaction.missing",
    message: `stepactions.tekton.dev ${JSON.stringify(name)} not found`,
    path: ["ref"],
  };
}

/** What an action's text may name, given the step's params (validateStepHasStepActionParameters, applyStepActionParameters). */
function actionReplacements(action: ActionSpec, given: readonly Param[]): Replacements | Fault {
  const specs = action.params ?? [];
  const declared = new Set(specs.map(({ name }) => name));
  const extra = given.flatMap(({ name }) => (declared.has(name) ? [] : [name]));
  if (extra.length > 0)
    return {
      code: "param.unknown",
      message: `extra params passed by Step to StepAction: [${extra.join(" ")}]`,
      path: ["params"],
    };
  const provided = new Map(given.map(({ name, value }) => [name, value]));
  const missing = specs.flatMap((each) => (each.default === undefined && !provided.has(each.name) ? [each.name] : []));
  if (missing.length > 0)
    return { code: "param.missing", message: `non-existent params in Step: [${missing.join(" ")}]`, path: ["ref"] };
  const values = valuesOf(specs, provided);
  if ("message" in values) return values;
  const ofResults = stepResults(action, given);
  if ("message" in ofResults) return ofResults;
  const plainDefaults = specs.flatMap(({ name, default: value }) =>
    value === undefined || namesParams(value) ? [] : [{ name, value }],
  );
  const replacements = mergeReplacements(
    paramReplacements(plainDefaults, "task"),
    paramReplacements(values.params, "task"),
    ofResults,
  );
  const twice = values.params.find(({ name, value }) => {
    // What an earlier task's result will be is not known yet.
    if (typeof value === "string" && value.includes("$(tasks.")) return false;
    const key = `params.${name}`;
    return replacements.strings.has(key) && replacements.arrays.has(key);
  });
  if (twice !== undefined)
    return {
      code: "param.type",
      message: `invalid parameter substitution: ${twice.name}. Please check the types of the default value and the passed value`,
      path: ["params"],
    };
  return replacements;
}

function namesParams(value: ParamValue): value is string {
  return typeof value === "string" && value.includes("$(params.");
}

/** Every param's value: the step's, or the default, which may name others whose values are known before it. */
function valuesOf(
  specs: readonly ParamSpec[],
  provided: ReadonlyMap<string, ParamValue>,
): { readonly params: readonly Param[] } | Fault {
  const known = new Map<string, ParamValue>();
  const waiting = new Map<string, string>();
  for (const { name, default: fallback } of specs) {
    const value = provided.get(name) ?? fallback;
    if (value === undefined) continue;
    if (!provided.has(name) && namesParams(value)) waiting.set(name, value);
    else known.set(name, value);
  }
  const names = new Set(specs.map(({ name }) => name));
  while (waiting.size > 0) {
    const ready = [...waiting].filter(([, text]) => namedIn(text).every((name) => known.has(name)));
    if (ready.length === 0) return unresolvable(waiting, known, names);
    for (const [name, text] of ready) {
      waiting.delete(name);
      known.set(
        name,
        text.replace(reference, (whole, of: string) => {
          const value = known.get(of);
          return typeof value === "string" ? value : value === undefined ? whole : "";
        }),
      );
    }
  }
  return { params: Array.from(known, ([name, value]) => ({ name, value })) };
}

const reference = /\$\(params\.([^)]*)\)/gu;

function namedIn(text: string): readonly string[] {
  return Array.from(text.matchAll(reference), ([, name = ""]) => name);
}

function unresolvable(
  waiting: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, ParamValue>,
  names: ReadonlySet<string>,
): Fault {
  for (const [param, text] of waiting) {
    const lost = namedIn(text).find((name) => !known.has(name));
    if (lost !== undefined && !names.has(lost))
      return {
        code: "reference.unknown",
        message: `parameter ${JSON.stringify(param)} references non-existent parameter ${JSON.stringify(lost)}`,
        path: ["ref"],
      };
  }
  return {
    code: "reference.unknown",
    message: "circular dependency detected in parameter references",
    path: ["ref"],
  };
}

const stepExpression = /^steps\.(?<step>[^.]+)\.results\.(?<result>[^.[]+)(?:\[(?:\d+|\*)\])?(?:\.[^.]+)?$/u;

/**
 * An action's param whose value is an earlier step's result: its uses become uses of that result, and those of an array's
 * elements or an object's keys of its elements and keys (replacementsFromStepResults).
 */
function stepResults(action: ActionSpec, given: readonly Param[]): Replacements | Fault {
  const texts: (readonly [string, string])[] = [];
  for (const [index, { name, value }] of given.entries()) {
    if (typeof value !== "string" || !value.startsWith("$(steps.")) continue;
    const { step, result } = stepExpression.exec(value.slice(2).replace(/\)$/u, ""))?.groups ?? {};
    if (step === undefined || result === undefined)
      return {
        code: "reference.unknown",
        message:
          'must be one of the form 1). "steps.<stepName>.results.<resultName>"; 2). "steps.<stepName>.results.<objectResultName>.<individualAttribute>"',
        path: ["params", index, "value"],
      };
    const spec = action.params?.find((each) => each.name === name);
    const source = `steps.${step}.results.${result}`;
    const type = spec === undefined ? "string" : typeOfParam(spec);
    if (type === "object")
      texts.push(
        ...Object.keys(spec?.properties ?? {}).map((key) => [`params.${name}.${key}`, `$(${source}.${key})`] as const),
      );
    if (type === "array")
      texts.push(...elementsOf(name, action).map(([key, element]) => [key, `$(${source}${element})`] as const));
  }
  return stringReplacements(Object.fromEntries(texts));
}

/** Where an action takes all of an array, or one of its elements: the expression, and its brackets. */
function elementsOf(name: string, { command = [], args = [], env = [] }: ActionSpec): readonly [string, string][] {
  const texts = [...command, ...args, ...env.map(({ value = "" }) => value)];
  return notations("params", name).flatMap((key) =>
    texts.flatMap((text) =>
      text
        .split(`$(${key}`)
        .slice(1)
        .flatMap((rest): [string, string][] => {
          const [, element] = /^(\[(?:\d+|\*)\])\)/u.exec(rest) ?? [];
          return element === undefined ? [] : [[`${key}${element}`, element]];
        }),
    ),
  );
}
