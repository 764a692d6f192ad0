import { didYouMean } from "@lapcat/diagnostic";
import { type Advice, at, type Place } from "./advice.ts";
import { quoted, sayMisfits } from "./fitting.ts";
import { tasksIn } from "./specs.ts";
import { type Step } from "../task.ts";

/** Steps that refer to StepActions: upstream refuses params that an action does not have, when the run has begun. */
export function adviseOnStepActions(advice: Advice): void {
  for (const { spec, place } of advice.resources.flatMap(tasksIn)) {
    (spec.steps ?? []).forEach((step, index) => ofStep(advice, step, at(place, "steps", index)));
  }
}

function ofStep({ known, say }: Advice, step: Step, place: Place): void {
  const name = step.ref?.name ?? "";
  if (step.ref === undefined || (step.ref.resolver ?? "") !== "" || name === "" || name.includes("$(")) return;
  const found = known.stepActions.get(name);
  if (found === undefined) {
    if (known.elsewhere("StepAction", name)) return;
    const meant = didYouMean(name, known.stepActions.keys());
    say(at(place, "ref", "name"), "stepaction.missing", `there is no StepAction ${quoted(name)} among the documents`, {
      hint: meant === undefined ? "give its file with -f too, unless it is in the cluster" : `did you mean ${meant}?`,
    });
    return;
  }
  const params = (step.params ?? []).map((param, index) => ({ ...param, place: at(place, "params", index) }));
  const signatures = found.map(({ spec }) => ({
    who: `the StepAction ${name}`,
    params: spec.params ?? [],
    workspaces: [],
  }));
  sayMisfits(say, { place: at(place, "ref"), params, workspaces: undefined }, signatures);
}
