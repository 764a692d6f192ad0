import { expect, test } from "vitest";
import { mergeStepTemplate } from "./merge-step-template.ts";
import { type Step, type StepTemplate } from "./task.ts";

test.for<[string, StepTemplate, Step, object]>([
  ["the step's image wins", { image: "a" }, { image: "b" }, { image: "b" }],
  ["the template's image fills in", { image: "a" }, { script: "x" }, { image: "a", script: "x" }],
  [
    "words are replaced, not joined",
    { command: ["a"], args: ["b"] },
    { command: ["c"] },
    { command: ["c"], args: ["b"] },
  ],
  ["an empty list of args says nothing", { args: ["b"] }, { args: [] }, { args: ["b"] }],
  ["and stays empty where the template has none", { image: "a" }, { args: [] }, { image: "a", args: [] }],
  [
    "an empty text says nothing",
    { image: "a", workingDir: "/t" },
    { workingDir: "" },
    { image: "a", workingDir: "/t" },
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
    "a variable without a value of its own has the template's",
    { env: [{ name: "A", value: "t" }] },
    { env: [{ name: "A", value: "" }] },
    { env: [{ name: "A", value: "t" }] },
  ],
  [
    "a value takes the place of a source, and a source of a value",
    {
      env: [
        { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        { name: "B", value: "t" },
      ],
    },
    {
      env: [
        { name: "A", value: "s" },
        { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
      ],
    },
    {
      env: [
        { name: "A", value: "s" },
        { name: "B", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
      ],
    },
  ],
  [
    "a source is merged with one of its kind",
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "t", key: "k", optional: true } } }] },
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k", optional: true } } }] },
  ],
  [
    "securityContext and limits are merged key by key",
    {
      securityContext: { runAsUser: 1, privileged: true, capabilities: { add: ["A"], drop: ["ALL"] } },
      computeResources: { limits: { cpu: "1", memory: "1Gi" } },
    },
    {
      securityContext: { runAsUser: 2, privileged: false, capabilities: { add: ["B"], drop: [] } },
      computeResources: { limits: { cpu: "2" } },
    },
    {
      securityContext: { runAsUser: 2, privileged: false, capabilities: { add: ["B"], drop: ["ALL"] } },
      computeResources: { limits: { cpu: "2", memory: "1Gi" } },
    },
  ],
  [
    "env is merged by name, in the template's order",
    {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    },
    { env: [{ name: "B", value: "3" }] },
    {
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "3" },
      ],
    },
  ],
  [
    "mounts are merged by path, and one that is not read-only does not say so",
    { volumeMounts: [{ name: "a", mountPath: "/x", subPath: "s", readOnly: true }] },
    { volumeMounts: [{ name: "b", mountPath: "/x", readOnly: false }] },
    { volumeMounts: [{ name: "b", mountPath: "/x", subPath: "s", readOnly: true }] },
  ],
  ["a step with a ref waits for its action", { image: "a" }, { ref: { name: "action" } }, { ref: { name: "action" } }],
])("%s", ([, template, step, merged]) => {
  expect(mergeStepTemplate(template, [step])).toEqual([merged]);
});
