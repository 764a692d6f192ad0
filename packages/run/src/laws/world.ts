import { type BoundTaskRun } from "@lapcat/plan";
import { type Param, type TaskResult } from "@lapcat/tekton";
import { type RunPath, within } from "../child-event.ts";
import { type CancelMode, type Instant, type RunEvent } from "../event.ts";
import { type Random, random, seedOf } from "./random.ts";

/** What somebody outside does, and when. */
export interface World {
  readonly seed: number;
  /** TaskRuns at a time. */
  readonly room: number;
  readonly cancels: readonly { readonly at: Instant; readonly mode: CancelMode }[];
}

export function randomWorld(from: Random, seed: number): World {
  const cancel = (): World["cancels"][number] => ({
    at: from.below(16) * 1000 + 500,
    mode: from.oneOf(["Cancelled", "CancelledRunFinally", "StoppedRunFinally"]),
  });
  const cancels = Array.from({ length: from.oneOf([0, 0, 0, 1, 1, 2]) }, cancel);
  return {
    seed,
    room: from.oneOf([1, 2, 3, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]),
    cancels: cancels.sort((a, b) => a.at - b.at),
  };
}

/** An attempt that runs. */
export interface RunningPod {
  readonly path: RunPath;
  readonly bound: BoundTaskRun;
  /** When it ends by itself; never, if it hangs. */
  readonly endsAt: Instant;
  stopped: { readonly at: Instant; readonly because: "TaskRunCancelled" | "TaskRunTimeout" } | undefined;
}

type How = "well" | "badly" | "without results" | "with wrong results" | "without a Pod" | "never";

/** How an attempt ends follows from its name alone, so that it ends so whoever asks, and whenever. */
function howOf(bound: BoundTaskRun, { seed }: World): { readonly how: How; readonly takes: Instant } {
  const own = random(seedOf(seed, `${bound.name} ${bound.attempt}`));
  const how = own.oneOf<How>([
    "well",
    "well",
    "well",
    "well",
    "badly",
    "without results",
    "with wrong results",
    "without a Pod",
    "never",
  ]);
  return { how, takes: own.oneOf([0, 1000, 1000, 3000, 7000]) };
}

export function begun(path: RunPath, bound: BoundTaskRun, now: Instant, world: World): RunningPod {
  const { how, takes } = howOf(bound, world);
  return { path, bound, endsAt: how === "never" ? Number.POSITIVE_INFINITY : now + takes, stopped: undefined };
}

/** All that is told of it when it ends. */
export function toldOf({ path, bound, stopped }: RunningPod, world: World): readonly RunEvent[] {
  return eventsOf(bound, howOf(bound, world).how, stopped?.because).map((event) => within(path, event));
}

function eventsOf(
  bound: BoundTaskRun,
  how: How,
  because: "TaskRunCancelled" | "TaskRunTimeout" | undefined,
): readonly RunEvent[] {
  const key = { taskRun: bound.name, attempt: bound.attempt };
  const failed = because !== undefined || how !== "well";
  if (bound.task.custom !== undefined) {
    const result = { type: "result.written", ...key, name: "r", resultType: "string", value: "a" } as const;
    const status = failed ? "False" : "True";
    return [
      ...(failed ? [] : [result]),
      { type: "custom-run.finished", ...key, status, reason: failed ? "Bad" : "Good", message: "" },
    ];
  }
  if (because === undefined && how === "without a Pod")
    return [
      { type: "pod.failed", ...key, reason: "PodCreationFailed", message: "no" },
      { type: "pod.finished", ...key },
    ];
  const { spec } = bound.task;
  const container = {
    name: "step-s",
    role: "step",
    displayName: "s",
    image: "i",
    imageId: "",
    containerId: "",
  } as const;
  const broken = because !== undefined || how === "badly";
  const written = broken || how === "without results" ? [] : (spec.results ?? []).map((each) => valueOf(each, how));
  return [
    { type: "pod.created", ...key, pod: `${bound.name}-pod`, taskSpec: spec, containers: [container] },
    { type: "step.started", ...key, container: "step-s" },
    ...written.map(({ name, type, value }): RunEvent => ({
      type: "result.written",
      ...key,
      name,
      resultType: type,
      value,
    })),
    {
      type: "step.finished",
      ...key,
      container: "step-s",
      exitCode: broken ? 1 : 0,
      reason: broken ? "Error" : "Completed",
      terminationReason: because ?? (broken ? "Error" : "Completed"),
    },
    { type: "pod.finished", ...key },
  ];
}

function valueOf(
  { name, type = "string" }: TaskResult,
  how: How,
): Param & { readonly type: "string" | "array" | "object" } {
  if (type === "string" || how === "with wrong results") return { name, type: "string", value: "a" };
  return type === "array" ? { name, type, value: ["a", "b"] } : { name, type, value: { k: "a" } };
}
