import { childName, hashedName, restrictLength, taskRunName, withSuffix } from "../../packages/tekton/src/names.ts";
import { type Case, type Judges } from "./case.ts";

/** Names of children; those that a run's status knows already are not ours to find: a run is made once, and the log has its names. */
const children = (count: "numberOfTaskRuns" | "numberOfRuns" | "numberOfPipelineRuns") => {
  return ({ input, expected }: Case): readonly [unknown, unknown] => {
    const { prName, ptName } = input;
    const many = input[count];
    const names =
      many === 1
        ? [taskRunName(prName, ptName)]
        : Array.from({ length: many }, (_, index) => taskRunName(prName, ptName, { index, count: many }));
    return [names, expected];
  };
};

export const nameJudges: Judges = {
  "names.GenerateHashedName": ({ input: { prefix, name, hashedLength }, expected }) => [
    hashedName(prefix, name, hashedLength > 0 ? hashedLength : 5),
    expected,
  ],
  // Their characters are random, ours made of the run's: as many, of the same alphabet.
  "names.simpleNameGenerator.RestrictLengthWithRandomSuffix": ({ input, expected }) => {
    const bare = (name: unknown): string => String(name).replace(/[bcdfghjklmnpqrstvwxz2456789]{5}$/u, "?????");
    return [bare(withSuffix(input.base, "a run")), bare(expected)];
  },
  "names.simpleNameGenerator.RestrictLength": ({ input, expected }) => [restrictLength(input.base), expected],
  "reconciler/pipelinerun/resources.GetTaskRunName": ({ input, expected }) => [
    childName(input.prName, `-${input.ptName}`),
    expected,
  ],
  "reconciler/pipelinerun/resources.GetNamesOfTaskRuns": children("numberOfTaskRuns"),
  "reconciler/pipelinerun/resources.getNamesOfCustomRuns": children("numberOfRuns"),
  "reconciler/pipelinerun/resources.GetNamesOfChildPipelineRuns": children("numberOfPipelineRuns"),
};
