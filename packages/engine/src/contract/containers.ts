import { latin1 } from "../bytes.ts";
import { asContainerName, asImageRef } from "../pod-spec.ts";
import { manualSignal } from "../virtual-clock.ts";
import {
  claim,
  finish,
  holds,
  mount,
  never,
  podOf,
  refused,
  rejection,
  runAll,
  same,
  scratch,
  step,
  withPod,
  type ContractPromise,
} from "./setting.ts";

/** Pods come, run and go. */
export const containerPromises: readonly ContractPromise[] = [
  {
    name: "every container exists before the first one starts",
    needs: [],
    async check(engine, context) {
      const names = ["step-a", "step-b", "step-c"];
      const spec = podOf(
        context.freshRun(),
        "contract-exist",
        names.map((name) => step(context, name, "true")),
      );
      await withPod(engine, spec, async (pod) => {
        for (const name of names) {
          const { containerId, imageId } = pod.describe(asContainerName(name));
          holds(containerId !== "" && imageId !== "", `${name} does not exist`);
        }
      });
    },
  },
  {
    name: "an image that is not to be had is told by name, and leaves nothing behind",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      const image = asImageRef(context.images.missing);
      const pull = { policy: "IfNotPresent", credentials: [] } as const;
      const error = await rejection(engine.pull(image, pull, never), "pulling it");
      holds(error.message.includes(context.images.missing), `the message does not name the image: ${error.message}`);
      const spec = podOf(
        run,
        "contract-missing",
        [step(context, "step-a", "true"), step(context, "step-b", "true", { image, mounts: [mount("data", "/data")] })],
        [claim("data", "data")],
      );
      await refused(engine.open(spec, never), "image.unavailable", "opening a pod with it");
      same(await engine.sweep(run), { containers: 0, volumes: 0, networks: 0 }, "what was left behind");
    },
  },
  {
    name: "output is complete, from a container that prints 300 lines and ends at once",
    needs: [],
    async check(engine, context) {
      const script = "i=0; while [ $i -lt 300 ]; do echo line $i; i=$((i+1)); done";
      const [only] = await runAll(
        engine,
        podOf(context.freshRun(), "contract-lines", [step(context, "step-only", script)]),
      );
      const wanted = Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join("");
      same(only?.stdout, wanted, "its output");
    },
  },
  {
    name: "standard output and standard error are kept apart",
    needs: [],
    async check(engine, context) {
      const spec = podOf(context.freshRun(), "contract-streams", [
        step(context, "step-only", "echo out; echo err >&2"),
      ]);
      const [only] = await runAll(engine, spec);
      same([only?.stdout, only?.stderr], ["out\n", "err\n"], "stdout and stderr");
    },
  },
  {
    name: "an exit code is a value, and 128 and more tell of a signal",
    needs: [],
    async check(engine, context) {
      const spec = podOf(context.freshRun(), "contract-exits", [
        step(context, "step-zero", "true"),
        step(context, "step-three", "exit 3"),
        step(context, "step-signal", "sh -c 'kill -9 $$'; exit $?"),
      ]);
      const all = await runAll(engine, spec);
      same(
        all.map((each) => each.exitCode),
        [0, 3, 137],
        "the exit codes",
      );
      same(
        all.map((each) => each.oomKilled),
        [false, false, false],
        "whether memory ran out",
      );
    },
  },
  {
    name: "a process that cannot be executed is told by wait, and the pod goes on",
    needs: [],
    async check(engine, context) {
      const spec = podOf(context.freshRun(), "contract-start-error", [
        step(context, "step-absent", "", { command: ["no-such-program"] }),
        step(context, "step-after", "echo after"),
      ]);
      const [absent, after] = await runAll(engine, spec);
      same(absent?.exitCode, -1, "the exit code");
      holds(
        absent?.startError?.includes("no-such-program") === true,
        `the reason does not name it: ${absent?.startError}`,
      );
      same(after?.stdout, "after\n", "the next container's output");
    },
  },
  {
    name: "a container that must not run as root and would is not started",
    needs: [],
    async check(engine, context) {
      const security = { ...step(context, "x", "").security, runAsNonRoot: true };
      const spec = podOf(context.freshRun(), "contract-non-root", [
        step(context, "step-only", "echo ran", { security }),
      ]);
      const [only] = await runAll(engine, spec);
      same([only?.stdout, only?.exitCode], ["", -1], "its output and exit code");
      holds(only?.startError?.includes("runAsNonRoot") === true, `the reason is ${only?.startError}`);
    },
  },
  {
    name: "closing its output does not end a container",
    needs: ["programs"],
    async check(engine, context) {
      const script = "echo first; exec >&- 2>&-; sleep 0.3; exit 5";
      const [only] = await runAll(
        engine,
        podOf(context.freshRun(), "contract-closed", [step(context, "step-only", script)]),
      );
      same([only?.stdout, only?.exitCode], ["first\n", 5], "its output and exit code");
    },
  },
  {
    name: "SIGTERM comes first when a container is killed",
    needs: [],
    async check(engine, context) {
      const name = asContainerName("step-only");
      const script = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.05; done";
      await withPod(engine, podOf(context.freshRun(), "contract-term", [step(context, name, script)]), async (pod) => {
        await pod.start(name);
        let output = "";
        for await (const { bytes } of pod.logs(name)) {
          output += latin1(bytes);
          if (output === "ready\n") await pod.kill(name, 10_000);
        }
        const { exitCode } = await pod.wait(name, never);
        same([output, exitCode], ["ready\n", 7], "its output and exit code");
        await pod.kill(name, 10_000);
      });
    },
  },
  {
    name: "SIGKILL follows when the grace is over",
    needs: [],
    async check(engine, context) {
      const name = asContainerName("step-only");
      const script = "trap '' TERM; echo ready; while :; do sleep 0.05; done";
      await withPod(engine, podOf(context.freshRun(), "contract-kill", [step(context, name, script)]), async (pod) => {
        await pod.start(name);
        for await (const _ of pod.logs(name)) await pod.kill(name, 100);
        same((await pod.wait(name, never)).exitCode, 137, "the exit code");
      });
    },
  },
  {
    name: "killing what never started is harmless, and so is disposing twice",
    needs: [],
    async check(engine, context) {
      await withPod(
        engine,
        podOf(context.freshRun(), "contract-unstarted", [step(context, "step-only", "true")]),
        async (pod) => {
          await pod.kill(asContainerName("step-only"), 0);
          await pod[Symbol.asyncDispose]();
        },
      );
    },
  },
  {
    name: "a pod that was opened for nothing makes room for another of its name",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      const spec = podOf(run, "contract-reopened", [
        step(context, "step-one", "true"),
        step(context, "step-two", "true"),
      ]);
      const unused = await engine.open(spec, never);
      await unused[Symbol.asyncDispose]();
      await using pod = await engine.open(spec, never);
      await pod.start(asContainerName("step-one"));
      same((await pod.wait(asContainerName("step-one"), never)).exitCode, 0, "the exit code");
    },
  },
  {
    name: "disposing kills what still runs",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      const name = asContainerName("sidecar-only");
      const pod = await engine.open(
        podOf(run, "contract-dispose", [step(context, name, "sleep 600", { role: "sidecar" })]),
        never,
      );
      await pod.start(name);
      await pod[Symbol.asyncDispose]();
      same(await engine.sweep(run), { containers: 0, volumes: 0, networks: 0 }, "what was left behind");
    },
  },
  {
    name: "cancelling a wait leaves the container running",
    needs: [],
    async check(engine, context) {
      const name = asContainerName("sidecar-only");
      const sidecar = step(context, name, "trap 'exit 7' TERM; while :; do sleep 0.05; done", { role: "sidecar" });
      await withPod(engine, podOf(context.freshRun(), "contract-cancel", [sidecar]), async (pod) => {
        await pod.start(name);
        const signal = manualSignal();
        const waiting = rejection(pod.wait(name, signal), "a cancelled wait");
        signal.cancel();
        await waiting;
        await context.clock.sleep(200, never);
        await pod.kill(name, 10_000);
        same((await pod.wait(name, never)).exitCode, 7, "the exit code");
      });
    },
  },
  {
    name: "opening under a cancelled signal makes nothing",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      const signal = manualSignal();
      signal.cancel();
      await rejection(
        engine.open(podOf(run, "contract-cancelled", [step(context, "step-only", "true")]), signal),
        "opening it",
      );
      same(await engine.sweep(run), { containers: 0, volumes: 0, networks: 0 }, "what was left behind");
    },
  },
  {
    name: "a sweep removes one run and nothing else, and may be repeated",
    needs: [],
    async check(engine, context) {
      const [gone, stays] = [context.freshRun(), context.freshRun()];
      const spec = (run: typeof gone, name: string): ReturnType<typeof podOf> =>
        podOf(
          run,
          name,
          [
            step(context, "step-a", "echo alive", { mounts: [mount("data", "/data")] }),
            step(context, "step-b", "true"),
          ],
          [claim("data", "data"), scratch("s")],
        );
      await withPod(engine, spec(stays, "contract-sweep-stays"), async (pod) => {
        await engine.open(spec(gone, "contract-sweep-gone"), never);
        const before = await engine.leftovers();
        holds(before.includes(gone) && before.includes(stays), "leftovers do not tell of the runs");
        const report = await engine.sweep(gone);
        holds(report.containers > 0 && report.volumes > 0, `it removed ${JSON.stringify(report)}`);
        same(await engine.sweep(gone), { containers: 0, volumes: 0, networks: 0 }, "the second sweep");
        const after = await engine.leftovers();
        holds(!after.includes(gone) && after.includes(stays), "leftovers are wrong after the sweep");
        same((await finish(pod, "step-a")).stdout, "alive\n", "the other run's container");
      });
    },
  },
  {
    name: "misuse is refused: a name that is not there, a second start, a second reader, waiting before the start",
    needs: [],
    async check(engine, context) {
      const name = asContainerName("step-only");
      await withPod(
        engine,
        podOf(context.freshRun(), "contract-misuse", [step(context, name, "sleep 0.3")]),
        async (pod) => {
          await rejection((async () => pod.start(asContainerName("step-other")))(), "starting an unknown container");
          await rejection((async () => pod.wait(name, never))(), "waiting before the start");
          await rejection(pod.logs(name)[Symbol.asyncIterator]().next(), "reading before the start");
          await pod.start(name);
          await rejection((async () => pod.start(name))(), "starting what runs");
          for await (const _ of pod.logs(name));
          await pod.wait(name, never);
          await rejection(pod.logs(name)[Symbol.asyncIterator]().next(), "reading twice");
        },
      );
    },
  },
];
