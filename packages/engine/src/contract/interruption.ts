import {
  claim,
  finish,
  holds,
  mount,
  never,
  podOf,
  same,
  scratch,
  secured,
  step,
  type ContractPromise,
} from "./setting.ts";

const none = { containers: 0, volumes: 0, networks: 0 };

/** What is left of a run whose lapcat died, and what the run goes on with. */
export const interruptionPromises: readonly ContractPromise[] = [
  {
    name: "a sweep of the pods leaves the volumes of the run's claims; a whole one does not",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      try {
        const write = step(context, "step-a", "echo kept > /data/file", { mounts: [mount("data", "/data")] });
        await engine.open(podOf(run, "contract-pods", [write], [claim("data", "data"), scratch("s")]), never);
        same([await engine.hasClaim("data", run), await engine.hasClaim("other", run)], [true, false], "its claims");
        same(await engine.hasClaim("data"), false, "a kept claim of that name");
        holds((await engine.sweep(run, "pods")).containers > 0, "no container was removed");
        same(await engine.sweep(run, "pods"), none, "the second sweep of the pods");
        same(await engine.hasClaim("data", run), true, "the claim after its pods were swept");
        holds((await engine.leftovers()).includes(run), "leftovers do not tell of the claim");
        same(await engine.sweep(run), { ...none, volumes: 1 }, "the whole sweep");
        same(await engine.hasClaim("data", run), false, "the claim after the whole sweep");
      } finally {
        await engine.sweep(run);
      }
    },
  },
  {
    name: "a claim that outlived its pods is taken by the next one, with what is in it, and open to every uid",
    needs: ["programs"],
    async check(engine, context) {
      const run = context.freshRun();
      const mounts = [mount("data", "/data")];
      const of = (name: string, only: ReturnType<typeof step>): ReturnType<typeof podOf> =>
        podOf(run, name, [only], [claim("data", "data")]);
      try {
        const write = step(context, "step-a", "echo kept > /data/file", { mounts });
        await finish(await engine.open(of("contract-first", write), never), "step-a");
        await engine.sweep(run, "pods");
        const more = { mounts, security: secured({ user: 65532 }) };
        const read = step(context, "step-b", "cat /data/file; echo more > /data/other", more);
        const { exitCode, stdout, stderr } = await finish(
          await engine.open(of("contract-second", read), never),
          "step-b",
        );
        same([exitCode, stdout, stderr], [0, "kept\n", ""], "what the next pod found");
      } finally {
        await engine.sweep(run);
      }
    },
  },
];
