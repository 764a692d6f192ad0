import { latin1 } from "../bytes.ts";
import { asContainerName } from "../pod-spec.ts";
import { manualSignal } from "../virtual-clock.ts";
import { holds, never, podOf, rejection, runAll, same, step, withPod, type ContractPromise } from "./setting.ts";

/** What a container says, how it ends, and how it is ended. */
export const containerPromises: readonly ContractPromise[] = [
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
