import { type Path } from "@lapcat/manifest";
import { type EnvVarDef, type VolumeMount } from "../kubernetes.ts";

/** The fields of a step or StepAction that may hold references. */
export interface TextFields {
  readonly name?: string;
  readonly image?: string;
  readonly workingDir?: string;
  readonly script?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVarDef[];
  readonly volumeMounts?: readonly VolumeMount[];
}

export interface StepText {
  readonly path: Path;
  /** What upstream calls the place in a step. */
  readonly words: readonly string[];
  readonly text: string;
  /** An item of a list, which an array may become several of. */
  readonly isItem: boolean;
}

/** The texts in which upstream looks for variables (validateStepVariables and its sisters). */
export function stepTexts(step: TextFields): readonly StepText[] {
  const one = (field: "name" | "image" | "workingDir" | "script"): StepText[] => {
    const text = step[field];
    return text === undefined ? [] : [{ path: [field], words: [field], text, isItem: false }];
  };
  const many = (field: "command" | "args"): StepText[] =>
    (step[field] ?? []).map((text, index) => ({
      path: [field, index],
      words: [field, `[${index}]`],
      text,
      isItem: true,
    }));
  const env = (step.env ?? []).flatMap(({ name, value }, index): StepText[] =>
    value === undefined
      ? []
      : [{ path: ["env", index, "value"], words: ["env", `[${name}]`], text: value, isItem: false }],
  );
  const mounts = (step.volumeMounts ?? []).flatMap((mount, index) =>
    (["name", "mountPath", "subPath"] as const).flatMap((field): StepText[] => {
      const text = mount[field];
      if (text === undefined) return [];
      const words = ["volumeMount", `[${index}]`, field];
      return [{ path: ["volumeMounts", index, field], words, text, isItem: false }];
    }),
  );
  return [
    ...one("name"),
    ...one("image"),
    ...one("workingDir"),
    ...one("script"),
    ...many("command"),
    ...many("args"),
    ...env,
    ...mounts,
  ];
}
