import { type SecuritySpec } from "@lapcat/engine";
import { type PodSecurityContext, type SecurityContext } from "@lapcat/tekton";
import { type Complaints, type Place } from "./complaints.ts";

/** The step's own settings over the Pod's. `fsGroup` is one more group, that of the Pod's volumes. */
export function securityOf(
  own: SecurityContext | undefined,
  pod: PodSecurityContext | undefined,
  at: Place,
  complaints: Complaints,
): SecuritySpec {
  const profile = own?.seccompProfile ?? pod?.seccompProfile;
  const { procMount = "Default" } = own ?? {};
  if (procMount !== "Default" && procMount !== "Unmasked")
    complaints.error("field.value", `procMount is Default or Unmasked, not ${JSON.stringify(procMount)}`, [
      ...at,
      "securityContext",
      "procMount",
    ]);
  for (const field of ["seLinuxOptions", "appArmorProfile", "windowsOptions"] as const) {
    if (own?.[field] !== undefined)
      complaints.warning("field.unsupported", `securityContext.${field} is not used here`, [
        ...at,
        "securityContext",
        field,
      ]);
  }
  if (profile?.type === "Localhost")
    complaints.warning(
      "field.unsupported",
      "a seccompProfile of type Localhost is not used here: the engine's usual one is",
      own?.seccompProfile === undefined ? undefined : [...at, "securityContext", "seccompProfile"],
    );
  const user = own?.runAsUser ?? pod?.runAsUser;
  const group = own?.runAsGroup ?? pod?.runAsGroup;
  const groups = new Set([...(pod?.supplementalGroups ?? []), ...(pod?.fsGroup === undefined ? [] : [pod.fsGroup])]);
  return {
    privileged: own?.privileged === true,
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
    runAsNonRoot: own?.runAsNonRoot ?? pod?.runAsNonRoot ?? false,
    supplementalGroups: [...groups],
    capabilities: { add: own?.capabilities?.add ?? [], drop: own?.capabilities?.drop ?? [] },
    readOnlyRootFilesystem: own?.readOnlyRootFilesystem === true,
    allowPrivilegeEscalation: own?.allowPrivilegeEscalation !== false,
    ...(procMount === "Unmasked" ? { unmaskedProc: true } : {}),
    ...(profile?.type === "RuntimeDefault" || profile?.type === "Unconfined" ? { seccomp: profile.type } : {}),
  };
}
