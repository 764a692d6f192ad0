import { type Clock, type Engine, type LogChunk, type Pod } from "../packages/engine/src/index.ts";

/** A lapcat's time among the living: it is killed when one of its side effects was done, and before it heard of that. */
export interface Life {
  engine(engine: Engine): Engine;
  clock(clock: Clock): Clock;
  /** A side effect that is done at once. Throws when it comes to its end: nothing that is done thereupon has any effect. */
  now<T>(work: () => T): T;
  /** Resolves with its end. */
  readonly over: Promise<undefined>;
  /** The side effect at which it ended, in words; undefined while it lives. */
  readonly last: string | undefined;
}

/** Nobody is there any more to whom anything could happen. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}

/** Side effects are counted from 1. */
export function lifeUntil(at: number): Life {
  let count = 0;
  let last: string | undefined;
  const { promise: over, resolve } = Promise.withResolvers<undefined>();
  const die = (what: string): void => {
    last ??= what;
    resolve(undefined);
  };
  const isDead = (): boolean => last !== undefined;

  const effect = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    if (isDead()) return never();
    count += 1;
    const isLast = count === at;
    const [result] = await Promise.allSettled([work()]);
    if (isDead()) return never();
    if (isLast) {
      die(what);
      return never();
    }
    if (result.status === "rejected") throw result.reason;
    return result.value;
  };

  async function* chunks(what: string, from: AsyncIterable<LogChunk>): AsyncGenerator<LogChunk, void, undefined> {
    for await (const chunk of from) {
      await effect(what, () => Promise.resolve());
      yield chunk;
    }
    if (isDead()) await never();
  }

  const pod = (of: Pod): Pod => ({
    name: of.name,
    get notices() {
      return of.notices;
    },
    describe: (container) => of.describe(container),
    start: (container, late) => effect(`start ${container}`, () => of.start(container, late)),
    logs: (container) => chunks(`output of ${container}`, of.logs(container)),
    wait: (container, signal) => effect(`wait ${container}`, () => of.wait(container, signal)),
    kill: (container, grace) => effect(`kill ${container}`, () => of.kill(container, grace)),
    ask: (container, question, signal) => effect(`ask ${container}`, () => of.ask(container, question, signal)),
    read: (volume, path, limit) => effect(`read ${path}`, () => of.read(volume, path, limit)),
    write: (volume, path, content, mode) => effect(`write ${path}`, () => of.write(volume, path, content, mode)),
    append: (container, path, content) => effect(`append ${path}`, () => of.append(container, path, content)),
    [Symbol.asyncDispose]: () => effect(`dispose ${of.name}`, () => of[Symbol.asyncDispose]()),
  });

  return {
    over,
    get last() {
      return last;
    },
    now(work) {
      if (isDead()) throw new Error("dead");
      count += 1;
      if (count !== at) return work();
      work();
      die("a fact");
      throw new Error("dead");
    },
    clock: (of) => ({
      now: () => of.now(),
      sleep: async (milliseconds, signal) => {
        await of.sleep(milliseconds, signal);
        if (isDead()) await never();
      },
    }),
    engine: (of) => ({
      probe: (signal) => effect("probe", () => of.probe(signal)),
      pull: (image, options, signal) => effect(`pull ${image}`, () => of.pull(image, options, signal)),
      open: (spec, signal) => effect(`open ${spec.name}`, async () => pod(await of.open(spec, signal))),
      sweep: (run, extent) => effect(`sweep ${extent ?? "all"}`, () => of.sweep(run, extent)),
      hasClaim: (claim, run) => effect(`look for ${claim}`, () => of.hasClaim(claim, run)),
      leftovers: () => of.leftovers(),
      close: () => of.close(),
    }),
  };
}
