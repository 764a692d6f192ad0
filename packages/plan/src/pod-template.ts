import { replace, type Replacements } from "@lapcat/substitution";
import { type PodTemplate } from "@lapcat/tekton";

/** Every text of the template takes a TaskRun's params (PAR-13). */
export function replaceInPodTemplate(template: PodTemplate, replacements: Replacements): PodTemplate {
  return replaceDeep(template, replacements) as PodTemplate;
}

export function replaceDeep(value: unknown, replacements: Replacements): unknown {
  if (typeof value === "string") return replace(value, replacements);
  if (Array.isArray(value)) return value.map((each) => replaceDeep(each, replacements));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [replace(key, replacements), replaceDeep(each, replacements)]),
  );
}
