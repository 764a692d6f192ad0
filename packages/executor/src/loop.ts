import { type Clock } from "@lapcat/engine";
import {
  decide,
  evolve,
  type Instant,
  type Intent,
  type RunEvent,
  type RunState,
  whereabouts,
  within,
} from "@lapcat/run";
import { type Inbox } from "./inbox.ts";
import { type EventSink } from "./ports.ts";

export interface Observation {
  readonly event: RunEvent;
  readonly at: Instant;
}

export interface LoopPorts {
  readonly events: EventSink;
  /** A fact as it may be kept; decisions are made on the fact itself. */
  keptAs(event: RunEvent): RunEvent;
  readonly clock: Clock;
  readonly observations: Inbox<Observation>;
  /** When the last fact was told that stood in the log before. */
  readonly since: Instant | undefined;
  /** TaskRuns at a time; what may not start yet is asked for again after the next fact. */
  readonly maxParallel: number;
  start(intent: Extract<Intent, { do: "start-task" }>): void;
  stop(intent: Extract<Intent, { do: "stop-task" }>): void;
  /** Awaited before `run.finished` is appended: what the run made is gone by then. */
  beforeEnd(): Promise<void>;
}

/**
 * The only place where facts are appended: an observation, append, evolve, decide, perform, until the run is finished.
 * Returns the state that the log tells of.
 * Rejects when the observations break.
 */
export async function loop(begun: RunState, first: readonly Observation[], ports: LoopPorts): Promise<RunState> {
  const { clock, observations } = ports;
  let state = begun;
  let kept = begun;
  let latest: Instant = ports.since ?? Number.NEGATIVE_INFINITY;
  let running = 0;
  /** Asked for again and again until the TaskRun has ended, which is known by the very same intent. */
  const stopped = new WeakSet<Intent>();
  const append = ({ event, at }: Observation): void => {
    // Facts are told in the order they are appended, so their times never go back.
    latest = Math.max(latest, at);
    const asKept = ports.keptAs(event);
    const recorded = ports.events.append(asKept, latest);
    const isAlike = asKept === event && kept === state;
    state = evolve(state, { ...recorded, event });
    kept = isAlike ? state : evolve(kept, recorded);
    const { type } = whereabouts(event).event;
    if (type === "task.started") running += 1;
    if (type === "pod.finished" || type === "custom-run.finished") running -= 1;
  };
  for (const each of first) append(each);
  observations.receive(append);

  for (;;) {
    let acted = false;
    let wakeAt: Instant | undefined;
    for (const intent of decide(state, clock.now(), ports.maxParallel - running)) {
      switch (intent.do) {
        case "record":
          if (intent.event.type === "run.finished") {
            const at = clock.now();
            await ports.beforeEnd();
            append({ event: intent.event, at });
            return kept;
          }
          append({ event: intent.event, at: clock.now() });
          acted = true;
          break;
        case "start-task": {
          const { planned, name, attempt, uid, params } = intent.bound;
          const event: RunEvent = { type: "task.started", task: planned.name, taskRun: name, attempt, uid, params };
          append({ event: within(intent.in, event), at: clock.now() });
          ports.start(intent);
          acted = true;
          break;
        }
        case "stop-task":
          if (!stopped.has(intent)) ports.stop(intent);
          stopped.add(intent);
          break;
        case "wake":
          wakeAt = Math.min(wakeAt ?? intent.at, intent.at);
          break;
        default:
          intent satisfies never;
      }
    }
    if (acted) continue;
    await changedOrWake(observations, clock, wakeAt);
  }
}

async function changedOrWake(
  observations: Inbox<Observation>,
  clock: Clock,
  wakeAt: Instant | undefined,
): Promise<void> {
  if (wakeAt === undefined) return observations.changed();
  const sleep = new AbortController();
  try {
    await Promise.race([observations.changed(), clock.sleep(Math.max(0, wakeAt - clock.now()), sleep.signal)]);
  } finally {
    sleep.abort();
  }
}
