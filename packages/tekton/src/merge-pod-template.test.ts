import { expect, test } from "vitest";
import { type PodTemplate } from "./kubernetes.ts";
import { mergePodTemplate } from "./merge-pod-template.ts";

const variable = (name: string, value: string): { readonly name: string; readonly value: string } => ({ name, value });

test.for<[string, PodTemplate | undefined, PodTemplate | undefined, PodTemplate]>([
  ["neither is an empty one", undefined, undefined, {}],
  ["one alone stands", undefined, { schedulerName: "s" }, { schedulerName: "s" }],
  [
    "variables of its own come first, and stand for those of their name",
    { env: [variable("B", "own"), variable("C", "own")] },
    { env: [variable("A", "default"), variable("B", "default")] },
    { env: [variable("B", "own"), variable("C", "own"), variable("A", "default")] },
  ],
  [
    "a securityContext is taken as a whole",
    { securityContext: { runAsUser: 1 } },
    { securityContext: { fsGroup: 2 } },
    { securityContext: { runAsUser: 1 } },
  ],
  ["a host's network is not switched off", { hostNetwork: false }, { hostNetwork: true }, { hostNetwork: true }],
])("%s", ([, template, fallback, merged]) => {
  expect(mergePodTemplate(template, fallback)).toEqual(merged);
});
