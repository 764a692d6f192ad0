import { type Result } from "@lapcat/diagnostic";
import { type PlanOptions, planRun, type RunPlan } from "@lapcat/plan";
import { type Gates, type ResolvedRun } from "@lapcat/tekton";

/** A run as the cluster's settings have it planned. */
export function planWithGates(
  { defaultTimeoutMinutes, defaultWorkspace, evaluateCel, provenance, resultLimit, tekton }: Gates,
  resolved: ResolvedRun,
  more: Pick<PlanOptions, "simulated" | "runsCustom">,
): Result<RunPlan> {
  return planRun(resolved, {
    defaultTimeout: defaultTimeoutMinutes * 60_000,
    ...(evaluateCel !== undefined && { evaluateCel }),
    ...(tekton !== undefined && { tekton }),
    defaultWorkspace,
    resultLimit,
    provenance,
    ...more,
  });
}
