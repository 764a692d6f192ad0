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
  same,
  scratch,
  step,
  withPod,
  type ContractPromise,
} from "./setting.ts";

/** Pods are opened, go, and leave nothing. */
export const podPromises: readonly ContractPromise[] = [
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
];
