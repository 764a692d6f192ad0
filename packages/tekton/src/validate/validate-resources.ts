import { type Diagnostic } from "@lapcat/diagnostic";
import { formatPath, type Path } from "@lapcat/manifest";
import { isObject } from "../is-object.ts";
import { type Located } from "../resource.ts";
import { checkFieldVersions } from "./field-versions.ts";
import { defaultGates, type Gates } from "./gates.ts";
import { checkObjectMeta } from "./object-meta.ts";
import { checkPipeline } from "./pipeline.ts";
import { checkPipelineRun } from "./pipeline-run.ts";
import { report, rootScope, within, type Scope } from "./scope.ts";
import { checkSettings } from "./settings.ts";
import { checkStepAction } from "./step-action.ts";
import { checkCustomRun } from "./custom-run.ts";
import { checkVerificationPolicy } from "./verification-policy.ts";
import { checkTask } from "./task.ts";
import { checkTaskRun } from "./task-run.ts";

/** What Tekton's admission webhook says of each resource, every complaint once, in the order of the text. */
export function validateResources(resources: readonly Located[], gates: Gates = defaultGates): readonly Diagnostic[] {
  return resources.flatMap((each) => validateResource(each, gates));
}

function validateResource({ resource, origin, leftOut = [] }: Located, gates: Gates): readonly Diagnostic[] {
  const scope = rootScope(origin, gates, versionOf(origin.document.value));
  checkResource(scope, resource);
  checkFieldVersions(scope, resource);
  return inOrder(scope.found.filter((each) => !leftOut.some((place) => comesFrom(place, each))));
}

/** Whether it is a complaint about a field that was left out, about its parent, or about what it may have been meant for. */
function comesFrom(leftOut: Path, { code, path = "" }: Diagnostic): boolean {
  // What nobody knows of an object's metadata does not keep the webhook from the rest of it.
  if (leftOut[0] === "metadata") return false;
  const place = formatPath(leftOut);
  const parent = formatPath(leftOut.slice(0, -1));
  const isInside = (of: string): boolean => path.startsWith(of) && /^$|^[.[]/u.test(path.slice(of.length));
  return path === parent || isInside(place) || (code === "field.missing" && isInside(parent));
}

function checkResource(scope: Scope, resource: Located["resource"]): void {
  switch (resource.kind) {
    case "Task":
      checkServed(scope);
      return checkTask(scope, resource);
    case "Pipeline":
      return checkPipeline(scope, resource);
    case "TaskRun":
      return checkTaskRun(scope, resource);
    case "PipelineRun":
      return checkPipelineRun(scope, resource);
    case "StepAction":
      return checkStepAction(scope, resource);
    case "CustomRun":
      return checkCustomRun(scope, resource);
    case "VerificationPolicy":
      return checkVerificationPolicy(scope, resource);
    case "ConfigMap":
      checkSettings(scope, resource);
      return checkObjectMeta(scope, resource.metadata);
    case "Secret":
    case "ServiceAccount":
    case "PersistentVolumeClaim":
      return checkObjectMeta(scope, resource.metadata);
  }
}

/** A ClusterTask is read as a Task; a cluster no longer knows the kind. */
function checkServed(scope: Scope): void {
  const { value } = scope.origin.document;
  if (!isObject(value) || value["kind"] !== "ClusterTask") return;
  report(
    within(scope, "kind"),
    "document.removed",
    "ClusterTask was removed in Tekton 1.0; lapcat reads it as a Task",
    {
      hint: "write kind: Task",
    },
  );
}

function versionOf(value: unknown): string {
  const document = isObject(value as never) ? (value as { readonly apiVersion?: unknown }) : {};
  return String(document.apiVersion).split("/").at(-1) ?? "v1";
}

/** Upstream's rules overlap, and several find the same: each is told once. */
function inOrder(found: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Map<string, Diagnostic>();
  for (const each of found) {
    const key = `${each.code} ${each.span?.start} ${each.span?.end} ${each.message}`;
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()].toSorted((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
