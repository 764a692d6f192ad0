import { type LateProcess, type Pod } from "@lapcat/engine";
import { whenOutcome } from "@lapcat/plan";
import { type PlannedStep, type PodPlan, settleStep, type SettledStep } from "@lapcat/pod";
import { type EvaluateCel } from "@lapcat/tekton";
import { decode } from "./read-results.ts";
import { type StreamCopies, streamCopies } from "./stream-copies.ts";

/** More than any result that Tekton takes. */
const readLimit = 1 << 20;

/** A step whose turn it is: to be started so, passed over, or failed without a start. */
export type Turn =
  | ({ readonly kind: "run"; readonly copies: StreamCopies } & Pick<SettledStep, "process" | "problems">)
  | ({ readonly kind: "skip" } & Pick<SettledStep, "problems">)
  | ({ readonly kind: "fail"; readonly message: string } & Pick<SettledStep, "problems">);

/** Puts what the steps before it gave into a step, its script too, asks its conditions, and makes the files that its output goes to. */
export async function takeTurn(
  step: PlannedStep,
  plan: PodPlan,
  pod: Pod,
  evaluateCel: EvaluateCel | undefined,
): Promise<Turn> {
  const run = async (process: LateProcess, problems: readonly string[]): Promise<Turn> => {
    const copies = await streamCopies(step, pod);
    return copies.refusal === undefined
      ? { kind: "run", process, problems, copies }
      : { kind: "fail", message: copies.refusal, problems };
  };
  if (step.late === undefined && step.when.length === 0) return run({}, []);
  const settled = await settleStep(step, async (container, path) => {
    const of = plan.steps.find((each) => each.container === container)?.directory;
    const file = of && (await pod.read(of.volume, `${of.path}/${path}`, readLimit));
    return file && decode(file.bytes);
  });
  const { process, script, when, problems, fault } = settled;
  if (fault !== undefined) return { kind: "fail", message: fault, problems };
  if (evaluateCel === undefined && when.some(({ cel = "" }) => cel !== ""))
    return { kind: "fail", message: "conditions in CEL are not enabled (enable-cel-in-whenexpression)", problems };
  const outcome = whenOutcome(when, evaluateCel);
  if ("fault" in outcome) return { kind: "fail", message: outcome.fault, problems };
  if (!outcome.holds) return { kind: "skip", problems };
  if (script !== undefined && step.late?.script !== undefined)
    await pod.write(step.late.script.volume, step.late.script.path, Buffer.from(script), 0o755);
  return run(process, problems);
}
