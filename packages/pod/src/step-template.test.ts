import { type Step, type StepTemplate } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { stepOnTemplate } from "./step-template.ts";

test.for<[name: string, template: StepTemplate | undefined, step: Step, expected: Step]>([
  ["no template changes nothing", undefined, { image: "i" }, { image: "i" }],
  [
    "the step's texts win, empty ones do not",
    { image: "t", workingDir: "/t" },
    { image: "i", workingDir: "" },
    { image: "i", workingDir: "/t" },
  ],
  [
    "args replace args; an empty list is none",
    { args: ["t"], command: ["c"] },
    { args: [], command: ["s"] },
    { args: ["t"], command: ["s"] },
  ],
  [
    "what only the template has comes after",
    { env: [{ name: "T", value: "t" }] },
    { env: [{ name: "S", value: "s" }] },
    {
      env: [
        { name: "S", value: "s" },
        { name: "T", value: "t" },
      ],
    },
  ],
  [
    "the template's order holds around what both have",
    {
      env: [
        { name: "A", value: "t" },
        { name: "B", value: "t" },
        { name: "C", value: "t" },
      ],
    },
    {
      env: [
        { name: "N", value: "s" },
        { name: "B", value: "s" },
      ],
    },
    {
      env: [
        { name: "N", value: "s" },
        { name: "A", value: "t" },
        { name: "B", value: "s" },
        { name: "C", value: "t" },
      ],
    },
  ],
  [
    "volumeMounts are merged by mountPath",
    {
      volumeMounts: [
        { name: "t", mountPath: "/a" },
        { name: "t", mountPath: "/b" },
      ],
    },
    { volumeMounts: [{ name: "s", mountPath: "/b" }] },
    {
      volumeMounts: [
        { name: "t", mountPath: "/a" },
        { name: "s", mountPath: "/b" },
      ],
    },
  ],
  [
    "securityContext and limits are merged key by key",
    { securityContext: { runAsUser: 1, privileged: true }, computeResources: { limits: { cpu: "1", memory: "1Gi" } } },
    { securityContext: { runAsUser: 2 }, computeResources: { limits: { cpu: "2" } } },
    { securityContext: { runAsUser: 2, privileged: true }, computeResources: { limits: { cpu: "2", memory: "1Gi" } } },
  ],
])("%s", ([, template, step, expected]) => {
  expect(stepOnTemplate(step, template)).toEqual(expected);
});
