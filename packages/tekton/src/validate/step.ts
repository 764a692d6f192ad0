import { type Path } from "@lapcat/manifest";
import { type Sidecar, type Step, type StepResult } from "../task.ts";
import { parseDuration } from "../duration.ts";
import { cleanPath, isDnsLabel, isResultName } from "./formats.ts";
import { needApiFields, needFlag } from "./gates.ts";
import { checkRef } from "./ref.ts";
import { checkKnown } from "./references.ts";
import { inside, named, namedAs, report, reportMissing, within, type Scope } from "./scope.ts";
import { checkWhen } from "./when.ts";

const artifact = /\$\((?:steps|tasks)\.[^.]+\.(?:inputs|outputs)\.[^.)]+\)/u;
const stepArtifact = /\$\(steps\.[^.]+\.(?:inputs|outputs)\.[^.)]+\)/u;
const stepResult = /\$\(steps\.[^\n]*?\.results\.[^\n]*?\)/u;

/** StepList.Validate, on steps that their template was merged into. */
export function checkSteps(scope: Scope, steps: readonly Step[]): void {
  const names = new Set<string>();
  steps.forEach((step, index) => {
    const place = within(scope, index);
    if (step.name !== undefined && step.name !== "") {
      if (names.has(step.name)) report(within(place, "name"), "field.duplicate", `another step is named ${step.name}`);
      names.add(step.name);
    }
    checkStep(place, step);
    if (step.results !== undefined) {
      const known = new Set(step.results.map(({ name }) => name));
      checkKnown(within(place, "script"), step.script ?? "", "step.results", known);
      step.results.forEach((result, at) =>
        // Upstream names the list before the step.
        checkStepResult(
          named(namedAs(inside(place, "results", at), scope), "results", `[${index}]`, `[${at}]`),
          result,
        ),
      );
    }
    if (step.when !== undefined && step.when.length > 0) checkWhen(within(place, "when"), step.when);
  });
}

/** Step.Validate. */
function checkStep(scope: Scope, step: Step): void {
  if (!scope.gates.artifacts && usesArtifacts(step)) {
    needFlag(scope, "enable-artifacts", "an artifact");
    return;
  }
  if (step.ref !== undefined) checkReferring(scope, step);
  else {
    if ((step.params ?? []).length > 0) {
      report(within(scope, "params"), "field.conflict", "a step has params only with a ref", { atKey: true });
    }
    if (isEmpty(step.image)) reportMissing(scope, "image", describeStep(step), undefined, "Image");
    checkScriptOrCommand(scope, step);
  }
  if (!isEmpty(step.name) && !isDnsLabel(step.name ?? "")) {
    report(within(scope, "name"), "field.value", `a step's name cannot be ${JSON.stringify(step.name)}`, {
      hint: labelHint,
    });
  }
  const timeout = parseDuration(step.timeout ?? "0");
  if (timeout !== undefined && timeout < 0) {
    report(named(inside(scope, "timeout"), "negative timeout"), "field.value", "a timeout cannot be negative");
    return;
  }
  checkMounts(scope, step);
  if (
    !isEmpty(step.onError) &&
    !["continue", "stopAndFail"].includes(step.onError ?? "") &&
    !step.onError?.startsWith("$(params")
  ) {
    report(
      within(scope, "onError"),
      "field.value",
      `onError is continue or stopAndFail, and this is ${JSON.stringify(step.onError)}`,
    );
  }
  if (step.script?.trim().startsWith("#!win") === true) needApiFields(scope, "script", "a Windows script", "alpha");
  if (step.stdoutConfig !== undefined) needApiFields(scope, "stdoutConfig", "stdoutConfig", "alpha");
  if (step.stderrConfig !== undefined) needApiFields(scope, "stderrConfig", "stderrConfig", "alpha");
  checkLateReferences(scope, step);
}

export const labelHint = "small letters, digits and -, at most 63; it begins and ends with a letter or digit";

/** What a step that refers to a StepAction may not have, since the action has it. */
function checkReferring(scope: Scope, step: Step): void {
  if (step.ref !== undefined) checkRef(inside(scope, "ref"), step.ref);
  const own = [
    ["image", !isEmpty(step.image)],
    ["command", (step.command ?? []).length > 0],
    ["args", (step.args ?? []).length > 0],
    ["script", !isEmpty(step.script)],
    ["workingDir", !isEmpty(step.workingDir)],
    ["env", step.env !== undefined],
    ["volumeMounts", (step.volumeMounts ?? []).length > 0],
    ["results", (step.results ?? []).length > 0],
  ] as const;
  for (const [field, present] of own) {
    if (present)
      report(within(scope, field), "field.conflict", `a step with a ref takes its ${field} from the StepAction`, {
        atKey: true,
      });
  }
}

export function checkScriptOrCommand(
  scope: Scope,
  step: { readonly script?: string; readonly command?: readonly string[] },
): void {
  if (!isEmpty(step.script) && (step.command ?? []).length > 0) {
    report(within(scope, "script"), "field.conflict", "script and command exclude each other", { atKey: true });
  }
}

function checkMounts(scope: Scope, step: Step): void {
  step.volumeMounts?.forEach((mount, index) => {
    const place = within(scope, "volumeMounts", index);
    const path = cleanPath(mount.mountPath);
    if (path.startsWith("/tekton/") && !path.startsWith("/tekton/home")) {
      report(
        within(place, "mountPath"),
        "field.value",
        `nothing may be mounted under /tekton but /tekton/home, and this is ${mount.mountPath}`,
      );
    }
    if (mount.name.startsWith("tekton-internal-")) {
      report(within(place, "name"), "field.value", "names that begin with tekton-internal- are Tekton's own");
    }
  });
}

/** validateStepResultReference and validateStepArtifactsReference: what is known only while the pod runs, and where it may stand. */
function checkLateReferences(scope: Scope, step: Step): void {
  for (const { path, text } of earlyTexts(step)) {
    const place = named(inside(scope, ...path), ...wordsOf(path));
    if (stepResult.test(text)) {
      report(place, "reference.unknown", "results of steps are known only in env, command and args");
    }
    const inScript = path[0] === "script";
    if (!inScript && (stepArtifact.test(text) || text.includes("$(step.artifacts.path)"))) {
      report(place, "reference.unknown", "artifacts of steps are known only in env, command, args and script");
    }
  }
}

function earlyTexts(step: Step): readonly { readonly path: Path; readonly text: string }[] {
  const one = (...path: Path): ((text: string | undefined) => { path: Path; text: string }) => {
    return (text) => ({ path, text: text ?? "" });
  };
  return [
    one("name")(step.name),
    one("image")(step.image),
    one("script")(step.script),
    one("imagePullPolicy")(step.imagePullPolicy),
    one("workingDir")(step.workingDir),
    ...(step.envFrom ?? []).flatMap((from, index) => [
      one("envFrom", index, "prefix")(from.prefix),
      one("envFrom", index, "configMapRef", "name")(from.configMapRef?.name),
      one("envFrom", index, "secretRef", "name")(from.secretRef?.name),
    ]),
    ...(step.volumeMounts ?? []).flatMap((mount, index) => [
      one("volumeMounts", index, "name")(mount.name),
      one("volumeMounts", index, "mountPath")(mount.mountPath),
      one("volumeMounts", index, "subPath")(mount.subPath),
    ]),
    ...(step.volumeDevices ?? []).flatMap((device, index) => [
      one("volumeDevices", index, "name")(device.name),
      one("volumeDevices", index, "devicePath")(device.devicePath),
    ]),
  ];
}

/** Upstream says which field of such a list it is, and not in which item. */
function wordsOf(path: Path): readonly string[] {
  return path.slice(0, path[0] === "envFrom" ? 3 : undefined).filter((part) => typeof part === "string");
}

function usesArtifacts(step: Step): boolean {
  const texts = [
    step.script ?? "",
    ...(step.command ?? []),
    ...(step.args ?? []),
    ...(step.env ?? []).map(({ value }) => value ?? ""),
  ];
  return texts.some(
    (text) => artifact.test(text) || text.includes("$(step.artifacts.path)") || text.includes("$(artifacts.path)"),
  );
}

/** StepResult.Validate. */
export function checkStepResult(scope: Scope, result: StepResult): void {
  if (!checkResultName(scope, result.name)) return;
  checkResultType(scope, result);
}

export function checkResultName(scope: Scope, name: string): boolean {
  if (isResultName(name)) return true;
  report(within(scope, "name"), "field.value", `a result's name cannot be ${JSON.stringify(name)}`, {
    hint: "letters, digits, -, _ and dots; it begins and ends with a letter or digit",
  });
  return false;
}

export function checkResultType(scope: Scope, result: StepResult): void {
  const type: string = result.type ?? "string";
  if (!["string", "array", "object", ""].includes(type)) {
    report(
      within(scope, "type"),
      "field.value",
      `a result's type is string, array or object, and this is ${JSON.stringify(type)}`,
    );
  }
  if (type !== "object") return;
  const place = named(scope, result.name);
  if (result.properties === undefined) reportMissing(place, "properties", `the object result ${result.name}`);
  for (const [key, property] of Object.entries(result.properties ?? {})) {
    if (property.type === "string") continue;
    report(named(inside(place, "properties", key), "properties"), "field.value", "a property's type has to be string");
  }
}

/** SidecarList.Validate. */
export function checkSidecars(scope: Scope, sidecars: readonly Sidecar[]): void {
  sidecars.forEach((sidecar, index) => {
    // Upstream says `sidecars` and not which.
    const place = inside(scope, index);
    if (sidecar.name === "tekton-log-results") {
      const at = scope.version === "v1" ? within(place, "name") : inside(place, "name");
      report(at, "field.value", "the name tekton-log-results is Tekton's own");
    }
    if (scope.version !== "v1") return;
    if (isEmpty(sidecar.image)) reportMissing(place, "image", `the sidecar ${sidecar.name}`);
    checkScriptOrCommand(place, sidecar);
  });
}

function describeStep(step: Step): string {
  return isEmpty(step.name) ? "a step" : `the step ${step.name}`;
}

function isEmpty(text: string | undefined): boolean {
  return text === undefined || text === "";
}
