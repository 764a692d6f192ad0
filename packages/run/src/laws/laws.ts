import { type RunPlan, type TaskRunName } from "@lapcat/plan";
import { whereabouts } from "../child-event.ts";
import { type Recorded, type RunEvent } from "../event.ts";
import { type Intent } from "../intent.ts";
import { PersistentMap } from "../persistent-map.ts";
import { resumption } from "../resumption.ts";
import { begin, type RunState } from "../run-state.ts";
import { listOf } from "../status.ts";
import { again, happening, type Machine, play, type Played, restOf, startsOrEnds } from "./play.ts";
import { type Random } from "./random.ts";
import { type World } from "./world.ts";

export interface Run {
  readonly plan: RunPlan;
  readonly world: World;
  readonly random: Random;
}

/** What is wrong with a run, by law. */
export type Verdict = Partial<Record<LawName, string>>;

export type LawName =
  | "it ends"
  | "no task starts before its predecessors are done"
  | "nothing is begun that a cancel or a timeout forbids"
  | "no more runs at a time than there is room for"
  | "nothing is left when it is over"
  | "its log folded in pieces is its log folded whole"
  | "a decision follows from the state alone"
  | "replayed from any fact on it comes to the same end"
  | "interrupted at any fact and resumed it ends";

export function judged(machine: Machine, run: Run): Verdict {
  const { plan, world } = run;
  const { name, namespace, uid } = plan.identity;
  const event: RunEvent = { type: "run.started", kind: plan.kind, name, namespace, uid, lapcat: "test" };
  const first: Recorded = { v: 1, seq: 0, at: 0, event };
  const state = machine.evolve(begin(plan), first);
  const whole = tried(() => play(machine, { state, log: [first], now: 0 }, world, happening(world)));
  if (typeof whole === "string") return { "it ends": whole };
  const laws: Readonly<Record<Exclude<LawName, "it ends">, () => string | undefined>> = {
    "no task starts before its predecessors are done": () => order(run, whole),
    "nothing is begun that a cancel or a timeout forbids": () => forbidden(run, whole),
    "no more runs at a time than there is room for": () => room(run, whole),
    "nothing is left when it is over": () => left(whole),
    "its log folded in pieces is its log folded whole": () => pieces(machine, run, whole),
    "a decision follows from the state alone": () => stateAlone(machine, run, whole),
    "replayed from any fact on it comes to the same end": () => replay(machine, run, whole),
    "interrupted at any fact and resumed it ends": () => resumed(machine, run, whole),
  };
  return Object.fromEntries(
    Object.entries(laws).flatMap(([law, ask]) => {
      const why = tried(ask);
      return why === undefined ? [] : [[law, why]];
    }),
  );
}

function tried<T>(ask: () => T): T | string {
  try {
    return ask();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Started = Extract<RunEvent, { type: "task.started" | "child.started" }>;

/** Of the run itself: what is in its child PipelineRuns is theirs. */
function* ofRun(log: readonly Recorded[]): Generator<RunEvent> {
  for (const { event } of log) if (event.type !== "child.told") yield event;
}

function isStart(event: RunEvent): event is Started {
  return event.type === "task.started" || event.type === "child.started";
}

function order({ plan }: Run, { log }: Played): string | undefined {
  const predecessors = new Map(plan.tasks.map((each) => [each.name, each.predecessors]));
  const open = new Map<string, Set<TaskRunName>>();
  const done = new Set<string>();
  const begun = new Set<string>();
  for (const event of ofRun(log)) {
    if (event.type === "task.skipped") done.add(event.task);
    if (event.type === "task.finished" && !event.willRetry)
      for (const [task, names] of open) if (names.delete(event.taskRun) && names.size === 0) done.add(task);
    if (!isStart(event)) continue;
    const before = predecessors.get(event.task);
    const waiting =
      before === undefined
        ? [...open].filter(([task, names]) => names.size > 0 && predecessors.has(task as never))
        : before.filter((each) => !done.has(each));
    if (waiting.length > 0) return `${event.task} was started before ${JSON.stringify(waiting)}`;
    const late = plan.tasks.find((each) => begun.has(each.name) && each.predecessors.includes(event.task));
    if (late !== undefined && event.attempt === 0) return `${event.task} was started after ${late.name}`;
    begun.add(event.task);
    done.delete(event.task);
    open.set(event.task, (open.get(event.task) ?? new Set<TaskRunName>()).add(event.taskRun));
  }
  return undefined;
}

function forbidden({ plan }: Run, { log }: Played): string | undefined {
  const inDag = new Set<string>(plan.tasks.map(({ name }) => name));
  const begun = new Set<string>();
  let nothing = false;
  let noDag = false;
  let noNew = false;
  let noFinally = false;
  for (const event of ofRun(log)) {
    if (event.type === "cancel.requested") {
      nothing ||= event.mode === "Cancelled";
      noDag ||= event.mode === "CancelledRunFinally" && !noNew;
      noNew ||= event.mode === "StoppedRunFinally" && !noDag;
    }
    if (event.type === "timeout.reached") {
      nothing ||= event.of === "pipeline";
      noDag ||= event.of === "tasks";
      noFinally ||= event.of === "finally";
    }
    if (!isStart(event)) continue;
    const isOfDag = inDag.has(event.task);
    if (nothing || (isOfDag && (noDag || (noNew && !begun.has(event.task)))) || (!isOfDag && noFinally))
      return `${event.taskRun} was started nevertheless`;
    begun.add(event.task);
  }
  return undefined;
}

function room({ world }: Run, { log }: Played): string | undefined {
  let running = 0;
  for (const { event } of log) {
    running += startsOrEnds(event);
    if (running > world.room) return `${running} run at a time`;
  }
  return undefined;
}

function left({ state, log }: Played): string | undefined {
  if (log.at(-1)?.event.type !== "run.finished") return "facts follow its end";
  const open = new Set<string>();
  for (const { event: told } of log) {
    const { event } = whereabouts(told);
    if (isStart(event)) open.add(event.taskRun);
    if (event.type === "task.finished" && !event.willRetry) open.delete(event.taskRun);
  }
  if (open.size > 0) return `${[...open].join(", ")} had no end`;
  return state.finished === undefined ? "it has no end" : undefined;
}

/** As read from a file. */
function read(log: readonly Recorded[]): readonly Recorded[] {
  return JSON.parse(JSON.stringify(log)) as readonly Recorded[];
}

function pieces({ evolve }: Machine, { plan, random }: Run, { log, state }: Played): string | undefined {
  const at = random.below(log.length);
  const facts = read(log);
  const prefix = facts.slice(0, at).reduce(evolve, begin(plan));
  const whole = facts.slice(at).reduce(evolve, prefix);
  return textOf(whole) === textOf(state) ? undefined : `cut at ${at}`;
}

/** Without its plan, which is the same. */
function textOf(state: RunState): string {
  return JSON.stringify(state, (key, value: unknown) => {
    if (key === "plan") return undefined;
    return value instanceof Map || value instanceof Set || value instanceof PersistentMap ? [...value] : value;
  });
}

/** What was worked out on the way may make it faster, and no different. */
function stateAlone({ decide, evolve }: Machine, { plan, world, random }: Run, { log }: Played): string | undefined {
  let state = begin(plan);
  for (const recorded of log) {
    state = evolve(state, recorded);
    if (!random.chance(40)) continue;
    const carried = intentsText(decide(state, recorded.at, world.room));
    const afresh = intentsText(decide({ ...state }, recorded.at, world.room));
    if (carried !== afresh) return `after fact ${recorded.seq}: ${carried}, and afresh ${afresh}`;
  }
  return undefined;
}

function intentsText(intents: readonly Intent[]): string {
  return JSON.stringify(
    intents.map((each) => (each.do === "start-task" ? `start ${each.bound.name} ${each.bound.attempt}` : each)),
  );
}

/** All of a short log; of a long one a few by chance. */
function prefixesOf(log: readonly Recorded[], random: Random, few: number): readonly number[] {
  const last = log.length - 1;
  if (last <= 10) return Array.from({ length: last }, (_, index) => index + 1);
  return Array.from({ length: few }, () => 1 + random.below(last));
}

function replay(machine: Machine, { plan, world, random }: Run, whole: Played): string | undefined {
  const end = JSON.stringify(listOf(whole.state));
  // Which run of a tree has the room first is open once more after a cut: what happened then need not happen.
  const isOpen = world.room !== Number.POSITIVE_INFINITY && plan.tasks.some(({ kind }) => kind === "pipeline");
  if (isOpen) return undefined;
  for (const facts of prefixesOf(whole.log, random, 2)) {
    const log = whole.log.slice(0, facts);
    const state = read(log).reduce(machine.evolve, begin(plan));
    const { events, inputs } = restOf(whole, facts);
    const from = { state, log, now: log.at(-1)?.at ?? 0, events };
    const other = JSON.stringify(listOf(play(machine, from, world, again(inputs)).state));
    if (other !== end) return `from fact ${facts}: ${other}, and not ${end}`;
  }
  return undefined;
}

function resumed(machine: Machine, { plan, world, random }: Run, whole: Played): string | undefined {
  const [facts = 1] = prefixesOf(whole.log, random, 1).slice(-1);
  const log = whole.log.slice(0, facts);
  let state = read(log).reduce(machine.evolve, begin(plan));
  const now = (log.at(-1)?.at ?? 0) + random.below(60_000);
  for (const event of resumption(state, log.at(-1), now, { retry: random.chance(70), lapcat: "test" })) {
    const recorded: Recorded = { v: 1, seq: log.length, at: now, event };
    log.push(recorded);
    state = machine.evolve(state, recorded);
  }
  const { state: end } = play(machine, { state, log, now }, world, happening(world));
  return end.finished === undefined ? `cut at ${facts}` : undefined;
}
