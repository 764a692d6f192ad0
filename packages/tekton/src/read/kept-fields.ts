import { type Path } from "@lapcat/manifest";

const specs: ReadonlySet<string | number> = new Set(["taskSpec", "pipelineSpec", "volumeClaimTemplate"]);
const podParts: ReadonlySet<string | number> = new Set(["affinity", "securityContext", "volumes"]);

/**
 * Whether a CRD keeps whatever stands here (x-kubernetes-preserve-unknown-fields in config/300-crds), so that nobody but Go's decoder looks
 * at it: that one knows no field that has to be there, takes null for nothing, and reads names in any letter case.
 */
export function isKept(path: Path): boolean {
  return path.some((part, index) => {
    if (specs.has(part)) return true;
    const parent = path[index - 1];
    if (parent === "spec") return part === "volumes" && index === 1;
    return podParts.has(part) && (parent === "podTemplate" || parent === "taskPodTemplate");
  });
}
