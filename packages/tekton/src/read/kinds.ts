/** How a document of a kind is read. */
export type Reading =
  | {
      readonly how: "tekton";
      readonly kind:
        | "Task"
        | "Pipeline"
        | "TaskRun"
        | "PipelineRun"
        | "StepAction"
        | "CustomRun"
        | "VerificationPolicy";
      readonly noun: string;
      readonly beta: boolean;
    }
  | {
      readonly how: "object";
      readonly kind: "Secret" | "ConfigMap" | "ServiceAccount" | "PersistentVolumeClaim" | "Namespace";
    }
  | { readonly how: "list" }
  | { readonly how: "gone"; readonly hint: string }
  | { readonly how: "other" };

const tektonKinds = ["Task", "Pipeline", "TaskRun", "PipelineRun"] as const;
const objectKinds = ["Secret", "ConfigMap", "ServiceAccount", "PersistentVolumeClaim", "Namespace"] as const;

/** Kinds that Tekton no longer serves, and what took their place. */
const gone: Readonly<Record<string, string>> = {
  PipelineResource: "PipelineResources were removed in Tekton 0.46: use a workspace and a task that fills it",
  Condition: "Conditions were removed in Tekton 0.37: use when",
  ClusterTask: "ClusterTasks were removed in Tekton 1.0: use a Task, or the resolver cluster",
  Run: "v1alpha1 Run was removed in Tekton 0.47: it is CustomRun of tekton.dev/v1beta1",
};

/** What an apiVersion and kind mean here (the kinds of cmd/webhook/main.go, and those that runs refer to). */
export function readingOf(apiVersion: string, kind: string): Reading {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/", 2) : ["", apiVersion];
  if (group === "" && version === "v1") {
    if (kind === "List") return { how: "list" };
    const object = objectKinds.find((each) => each === kind);
    return object === undefined ? { how: "other" } : { how: "object", kind: object };
  }
  if (group !== "tekton.dev") return { how: "other" };
  if (kind === "StepAction" && (version === "v1beta1" || version === "v1alpha1")) {
    return { how: "tekton", kind, noun: "StepAction", beta: true };
  }
  if ((kind === "CustomRun" && version === "v1beta1") || (kind === "VerificationPolicy" && version === "v1alpha1")) {
    return { how: "tekton", kind, noun: kind, beta: true };
  }
  if (kind === "ClusterTask" && version === "v1beta1") {
    return { how: "tekton", kind: "Task", noun: "v1beta1/Task", beta: true };
  }
  const hint = Object.hasOwn(gone, kind) ? gone[kind] : undefined;
  if (hint !== undefined) return { how: "gone", hint };
  const tekton = tektonKinds.find((each) => each === kind);
  if (tekton === undefined) return { how: "other" };
  if (version === "v1" || version === "v1beta1") {
    return { how: "tekton", kind: tekton, noun: `${version}/${kind}`, beta: version === "v1beta1" };
  }
  return { how: "gone", hint: `Tekton serves ${kind} as tekton.dev/v1 and tekton.dev/v1beta1` };
}

/** Every kind a document can be meant to be, for a kind that differs by a letter or two. */
export const knownKinds: readonly string[] = [...tektonKinds, ...objectKinds, "StepAction", "CustomRun"];
