import { describe, expect, test } from "vitest";
import { promises, type ContractContext } from "./contract.ts";
import { FakeEngine, manualSignal, virtualClock, type FakeScript } from "./fake.ts";
import { asContainerName, asImageRef, asRunId } from "./pod-spec.ts";
import { podOf, step } from "./contract/setting.ts";

/** What real containers do for the contract's scripts. */
const script: FakeScript = {
  images: { "nowhere.example/*": { unavailable: "not found" } },
  pods: {
    "contract-lines": { "*": { output: Array.from({ length: 300 }, (_, index) => `line ${index}`) } },
    "contract-streams": { "*": { output: ["out", { text: "err", stream: "stderr" }] } },
    "contract-exits": { "step-three": { exitCode: 3 }, "step-signal": { exitCode: 137 } },
    "contract-start-error": {
      "step-absent": { startError: 'exec: "no-such-program": not found' },
      "step-after": { output: ["after"] },
    },
    "contract-late-absent": {
      "step-absent": { startError: 'exec: "no-such-program": not found' },
      "step-after": { output: ["as told"] },
    },
    "contract-term": { "*": { duration: "forever", output: ["ready"], onTerm: { exitCode: 7 } } },
    "contract-kill": { "*": { duration: "forever", output: ["ready"] } },
    "contract-cancel": { "*": { onTerm: { exitCode: 7 } } },
    "contract-sweep-*": { "step-a": { output: ["alive"] } },
    "contract-claim-1": { "*": { writes: { "/data/file": "kept\n" } } },
    "contract-kept-1": { "*": { writes: { "/data/file": "kept\n" } } },
    "contract-write-*": { "*": { output: ["ready", { text: "gone", at: 500 }, { text: "640", at: 500 }] } },
  },
};

describe("the fake keeps the promises it can", () => {
  const mine = promises.filter((each) => each.needs.length === 0);
  test("which are most of those about pods", () => expect(mine.length).toBeGreaterThan(15));
  test.for(mine)("$name", async (promise) => {
    const clock = virtualClock();
    const engine = new FakeEngine(script, clock);
    let runs = 0;
    const context: ContractContext = {
      images: { shell: "busybox", configured: "configured", missing: "nowhere.example/missing:1" },
      can: new Set(),
      clock,
      freshRun: () => asRunId(`run-${runs++}`),
      hostDirectory: undefined,
      removeClaim: async () => {},
    };
    await expect(clock.runUntil(promise.check(engine, context))).resolves.toBeUndefined();
  });
});

const context: ContractContext = {
  images: { shell: "busybox", configured: "configured", missing: "x" },
  can: new Set(),
  clock: virtualClock(),
  freshRun: () => asRunId("run"),
  hostDirectory: undefined,
  removeClaim: async () => {},
};
const pod = (...names: readonly string[]): ReturnType<typeof podOf> =>
  podOf(
    asRunId("run"),
    "pod",
    names.map((name) => step(context, name, "true")),
  );

describe("the fake engine", () => {
  test("takes the time its script says, by the virtual clock", async () => {
    const clock = virtualClock(1_000_000);
    const engine = new FakeEngine({ pods: { pod: { a: { duration: 90_000 } } } }, clock);
    const opened = await engine.open(pod("a", "b"), manualSignal());
    await opened.start(asContainerName("a"));
    expect(await clock.runUntil(opened.wait(asContainerName("a"), manualSignal()))).toEqual({
      exitCode: 0,
      oomKilled: false,
    });
    expect(clock.now()).toBe(1_090_000);
  });

  test("dies at its moment: waits reject, output ends, everything after is refused", async () => {
    const clock = virtualClock();
    const engine = new FakeEngine(
      { lostAfter: 500, pods: { pod: { a: { output: ["early", { text: "late", at: 800 }] } } } },
      clock,
    );
    const opened = await engine.open(pod("a"), manualSignal());
    const name = asContainerName("a");
    await opened.start(name);
    const lines: string[] = [];
    const reading = (async () => {
      for await (const { bytes } of opened.logs(name)) lines.push(String.fromCharCode(...bytes));
    })();
    await expect(clock.runUntil(opened.wait(name, manualSignal()))).rejects.toThrow("stopped answering");
    await reading;
    expect(lines).toEqual(["early\n"]);
    await expect(engine.probe()).rejects.toMatchObject({ diagnostic: { code: "engine.lost" } });
  });

  test("pulls what is not there, and tells of it", async () => {
    const clock = virtualClock();
    const engine = new FakeEngine({ images: { "slow*": { pullMilliseconds: 3000 } } }, clock);
    const options = { policy: "IfNotPresent", credentials: [] } as const;
    await expect(engine.pull(asImageRef("slow"), { ...options, policy: "Never" }, manualSignal())).rejects.toThrow(
      "not on this machine",
    );
    const first = await clock.runUntil(engine.pull(asImageRef("slow"), options, manualSignal()));
    expect([first.pulled, clock.now()]).toEqual([true, 3000]);
    expect((await engine.pull(asImageRef("slow"), options, manualSignal())).pulled).toBe(false);
    expect(first.imageId).toMatch(/^docker\.io\/library\/slow@sha256:[0-9a-f]{64}$/u);
  });

  test("refuses a script that writes where no volume is", async () => {
    const clock = virtualClock();
    const engine = new FakeEngine({ pods: { pod: { a: { writes: { "/nowhere/x": "" } } } } }, clock);
    const opened = await engine.open(pod("a"), manualSignal());
    await opened.start(asContainerName("a"));
    await expect(clock.runUntil(opened.wait(asContainerName("a"), manualSignal()))).rejects.toThrow(
      "in none of its volumes",
    );
  });

  test("says what was asked of it", async () => {
    const engine = new FakeEngine({}, virtualClock());
    const opened = await engine.open(pod("a"), manualSignal());
    await opened.start(asContainerName("a"));
    await opened[Symbol.asyncDispose]();
    await engine.sweep(asRunId("run"));
    expect(engine.calls).toEqual(["open pod", "start pod a", "dispose pod", "sweep run"]);
  });
});

describe("the virtual clock", () => {
  test("says so when the work would wait for ever", async () => {
    await expect(virtualClock().runUntil(new Promise(() => {}))).rejects.toThrow("wait for ever");
  });

  test("wakes sleepers in the order of their moments", async () => {
    const clock = virtualClock();
    const woken: string[] = [];
    void clock.sleep(20, manualSignal()).then(() => woken.push(`b ${clock.now()}`));
    void clock.sleep(10, manualSignal()).then(() => woken.push(`a ${clock.now()}`));
    await clock.advance(15);
    expect([woken, clock.now()]).toEqual([["a 10"], 15]);
    await clock.advance(15);
    expect(woken).toEqual(["a 10", "b 20"]);
  });

  test("lets a sleeper go when its signal is cancelled", async () => {
    const clock = virtualClock();
    const signal = manualSignal();
    const sleeping = clock.sleep(1000, signal);
    signal.cancel();
    await sleeping;
    expect(clock.now()).toBe(0);
  });
});
