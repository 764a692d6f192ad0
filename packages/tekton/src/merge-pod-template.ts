import { type PodTemplate } from "./kubernetes.ts";

/** A template over a default: `env` and `volumes` by name, its own first; every other field as a whole (MergePodTemplateWithDefault). */
export function mergePodTemplate(template: PodTemplate | undefined, fallback: PodTemplate | undefined): PodTemplate {
  if (template === undefined || fallback === undefined) return template ?? fallback ?? {};
  const env = byName(template.env, fallback.env);
  const volumes = byName(template.volumes, fallback.volumes);
  return {
    ...fallback,
    ...template,
    ...(env && { env }),
    ...(volumes && { volumes }),
    // What is not on is not written either.
    ...(fallback.hostNetwork === true && { hostNetwork: true }),
  };
}

function byName<T extends { readonly name: string }>(
  own: readonly T[] | undefined,
  fallback: readonly T[] | undefined,
): readonly T[] | undefined {
  if (own === undefined || fallback === undefined) return own ?? fallback;
  return [...own, ...fallback.filter(({ name }) => own.every((each) => each.name !== name))];
}
