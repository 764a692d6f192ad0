import { replace, type Replacements } from "@lapcat/substitution";
import { type PodTemplate } from "@lapcat/tekton";

/** A template over a default: `env` and `volumes` by name, every other field as a whole (MergePodTemplateWithDefault). */
export function mergedPodTemplate(template: PodTemplate | undefined, fallback: PodTemplate | undefined): PodTemplate {
  if (template === undefined || fallback === undefined) return template ?? fallback ?? {};
  return { ...fallback, ...template, ...merged("env", template, fallback), ...merged("volumes", template, fallback) };
}

function merged(field: "env" | "volumes", template: PodTemplate, fallback: PodTemplate): PodTemplate {
  const over: readonly { readonly name: string }[] = template[field] ?? [];
  const under: readonly { readonly name: string }[] = fallback[field] ?? [];
  const all = [...over, ...under.filter(({ name }) => over.every((each) => each.name !== name))];
  return all.length === 0 ? {} : { [field]: all };
}

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
