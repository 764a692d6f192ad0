import { classify, findReferences } from "@lapcat/substitution";
import { type BoundTaskRun } from "@lapcat/plan";
import {
  podRefusal,
  stepContainerName,
  type PodTemplate,
  type Sidecar,
  type Step,
  type TaskSpec,
} from "@lapcat/tekton";
import { type Complaints, type Place } from "./complaints.ts";
import { textsOf } from "./step-texts.ts";

/** Says by name what of a TaskRun would not be executed: refused where the outcome could differ, otherwise warned about. */
export function complainOfUnsupported(bound: BoundTaskRun, spec: TaskSpec, complaints: Complaints): void {
  spec.steps?.forEach((step, index) => ofStep(step, index, complaints));
  spec.sidecars?.forEach((sidecar, index) => ofSidecar(sidecar, ["sidecars", index], complaints));
  ofContainer(spec.stepTemplate ?? {}, ["stepTemplate"], complaints);
  ofPodTemplate(bound.podTemplate, complaints);
  if (isHermetic(bound))
    complaints.warning("field.unsupported", "hermetic execution is not done here: steps keep the network");
}

/** Asked to run without a network, which Tekton's entrypoint binary does where it finds TEKTON_HERMETIC. */
export function isHermetic({ annotations }: Pick<BoundTaskRun, "annotations">): boolean {
  return annotations["experimental.tekton.dev/execution-mode"] === "hermetic";
}

function ofStep(step: Step, index: number, complaints: Complaints): void {
  const at = ["steps", index];
  if (step.ref !== undefined) refuse(complaints, "steps[].ref", [...at, "ref"]);
  if (step.script?.trim().startsWith("#!win") === true) refuse(complaints, "a script for Windows", [...at, "script"]);
  ofContainer(step, at, complaints);
  for (const { text, at: field } of textsOf(step)) {
    for (const reference of findReferences(text)) {
      const variable = classify(reference);
      if (variable.kind === "task-artifact" || (variable.kind === "step-artifact" && variable.name === undefined))
        complaints.warning("reference.unknown", `${reference.raw} stays as it is written: no artifact has that name`, [
          ...at,
          ...field,
        ]);
    }
  }
}

const warnedOfSidecar = ["stdin", "stdinOnce", "tty", "terminationMessagePath", "terminationMessagePolicy"] as const;

function ofSidecar(sidecar: Sidecar, at: Place, complaints: Complaints): void {
  for (const field of warnedOfSidecar)
    if (isSet(sidecar[field]))
      complaints.warning("field.unsupported", `sidecars[].${field} is not used here`, [...at, field]);
  if (isSet(sidecar.lifecycle?.stopSignal))
    complaints.warning("field.unsupported", "sidecars[].lifecycle.stopSignal is not used here: it is SIGTERM", [
      ...at,
      "lifecycle",
      "stopSignal",
    ]);
  if (sidecar.ports?.some((port) => port.hostPort !== undefined) === true)
    complaints.warning("field.no-effect", "hostPort is not used here: a sidecar answers the steps at localhost", [
      ...at,
      "ports",
    ]);
  ofContainer(sidecar, at, complaints);
}

function ofContainer(
  container: Pick<Step, "volumeDevices" | "computeResources">,
  at: Place,
  complaints: Complaints,
): void {
  if (isSet(container.volumeDevices)) refuse(complaints, "volumeDevices", [...at, "volumeDevices"]);
  for (const resource of Object.keys(container.computeResources?.limits ?? {})) {
    if (resource !== "cpu" && resource !== "memory")
      complaints.warning("field.no-effect", `a limit of ${resource} is not used here`, [
        ...at,
        "computeResources",
        "limits",
        resource,
      ]);
  }
}

const usedOfPodTemplate = [
  "securityContext",
  "volumes",
  "env",
  "imagePullSecrets",
  "hostNetwork",
  "hostAliases",
  "hostUsers",
  "dnsPolicy",
  "dnsConfig",
];

const usedOfPodSecurity = [
  "runAsUser",
  "runAsGroup",
  "runAsNonRoot",
  "fsGroup",
  "fsGroupChangePolicy",
  "supplementalGroups",
  "sysctls",
  "seccompProfile",
];

function ofPodTemplate(template: PodTemplate, complaints: Complaints): void {
  for (const [field, value] of Object.entries(template)) {
    if (!usedOfPodTemplate.includes(field) && isSet(value))
      complaints.warning("field.no-effect", `podTemplate.${field} has no meaning outside a cluster`);
  }
  if (template.hostUsers === false)
    complaints.warning(
      "field.no-effect",
      "podTemplate.hostUsers is not used here: whose users they are is the engine's",
    );
  for (const [field, value] of Object.entries(template.securityContext ?? {})) {
    if (!usedOfPodSecurity.includes(field) && isSet(value))
      complaints.warning("field.unsupported", `podTemplate.securityContext.${field} is not used here`);
  }
}

/** Upstream makes no Pod from a Task that uses a param nobody declares (v1.ValidateUsageOfDeclaredParameters): tells where. */
export function complainOfUnknownParams(spec: TaskSpec, complaints: Complaints): void {
  if (podRefusal(spec) === undefined) return;
  const declared = new Set((spec.params ?? []).map(({ name }) => name));
  spec.steps?.forEach((step, index) => {
    for (const { text, at } of textsOf(step)) {
      for (const reference of findReferences(text)) {
        const variable = classify(reference);
        if (
          variable.kind !== "param" ||
          reference.parts[0] === "inputs" ||
          declared.has(variable.name) ||
          declared.has(variable.dotted)
        )
          continue;
        const name = JSON.stringify(step.name ?? stepContainerName(step.name, index));
        complaints.error(
          "reference.unknown",
          `non-existent variable ${reference.raw} in step ${name}`,
          ["steps", index, ...at],
          "if you meant a shell variable, write ${VAR}",
        );
      }
    }
  });
}

function refuse(complaints: Complaints, what: string, at: Place): void {
  complaints.error("field.unsupported", `${what} is not executed yet`, at);
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && value !== "" && !(Array.isArray(value) && value.length === 0);
}
