import { asPipelineTaskName, type RunPlan } from "@lapcat/plan";
import { type PipelineTask } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { samplePlan } from "./sample-plan.ts";
import { simulate } from "./simulate.ts";

/** A plan that counts how often one of its tasks is looked at in the lists of them. */
function counted(plan: RunPlan): { readonly plan: RunPlan; readonly looks: () => number } {
  let looks = 0;
  const tasks = new Proxy(plan.tasks, {
    get(target, property, receiver) {
      if (typeof property === "string" && /^\d+$/u.test(property)) looks += 1;
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
  return { plan: { ...plan, tasks }, looks: () => looks };
}

const task = (index: number, runAfter: readonly string[]): PipelineTask => ({
  name: `t${index}`,
  runAfter,
  taskSpec: { steps: [{ name: "s", image: "i" }] },
});

const shapes: Readonly<Record<string, (index: number) => readonly string[]>> = {
  chain: (index) => (index === 0 ? [] : [`t${index - 1}`]),
  "fan-out": (index) => (index === 0 ? [] : ["t0"]),
  tree: (index) => (index === 0 ? [] : [`t${(index - 1) >> 1}`]),
};

test.for(Object.entries(shapes))("deciding a %s looks at its tasks no more often than it grows", ([, after]) => {
  const looks = (size: number): number => {
    const spec = { tasks: Array.from({ length: size }, (_, index) => task(index, after(index))) };
    const { plan, looks: seen } = counted(samplePlan(spec));
    const { state } = simulate(plan, {}, 0, "test");
    expect(state.finished?.reason).toBe("Succeeded");
    expect(state.taskRuns.size).toBe(size);
    expect(state.skipped.has(asPipelineTaskName("t0"))).toBe(false);
    return seen();
  };
  expect(looks(200)).toBeLessThan(2.2 * looks(100));
});
