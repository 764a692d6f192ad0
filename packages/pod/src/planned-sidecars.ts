import { asContainerName } from "@lapcat/engine";
import { sidecarContainerName, type Sidecar } from "@lapcat/tekton";
import { type Complaints } from "./complaints.ts";
import { type PlannedSidecar } from "./pod-plan.ts";
import { plannedHook, plannedProbe } from "./probes.ts";

/** The sidecars as the Pod's driver tends them; `native` makes all of them Kubernetes' own. */
export function plannedSidecars(
  sidecars: readonly Sidecar[],
  native: boolean,
  complaints: Complaints,
): readonly PlannedSidecar[] {
  return sidecars.map((sidecar, index): PlannedSidecar => {
    const at = ["sidecars", index];
    const restartPolicy = sidecar.restartPolicy ?? "";
    if (!["", "Always"].includes(restartPolicy))
      complaints.error("field.value", `restartPolicy of a sidecar is Always, not ${JSON.stringify(restartPolicy)}`, [
        ...at,
        "restartPolicy",
      ]);
    const startup = plannedProbe(sidecar, "startupProbe", at, complaints);
    const readiness = plannedProbe(sidecar, "readinessProbe", at, complaints);
    const liveness = plannedProbe(sidecar, "livenessProbe", at, complaints);
    const postStart = plannedHook(sidecar, "postStart", at, complaints);
    const preStop = plannedHook(sidecar, "preStop", at, complaints);
    return {
      name: sidecar.name,
      container: asContainerName(sidecarContainerName(sidecar.name)),
      native: native || restartPolicy === "Always",
      ...(startup === undefined ? {} : { startup }),
      ...(readiness === undefined ? {} : { readiness }),
      ...(liveness === undefined ? {} : { liveness }),
      ...(postStart === undefined ? {} : { postStart }),
      ...(preStop === undefined ? {} : { preStop }),
    };
  });
}
