import {
  claim,
  finish,
  mount,
  never,
  podOf,
  refused,
  runAll,
  same,
  scratch,
  secured,
  step,
  type ContractPromise,
} from "./setting.ts";

/** Parts of volumes: what a subPath shows, and what it never shows. */
export const volumePartPromises: readonly ContractPromise[] = [
  {
    name: "a subPath is made when absent and shows that part of the volume only",
    needs: ["programs"],
    async check(engine, context) {
      for (const volume of [scratch("data"), claim("data", "data")]) {
        const spec = podOf(
          context.freshRun(),
          `contract-sub-${volume.kind}`,
          [
            step(context, "a", "ls /part; echo x > /part/file", {
              mounts: [mount("data", "/part", { subPath: "deep/part" })],
              security: secured({ user: 65532 }),
            }),
            step(context, "b", "cat /all/deep/part/file; ls /all", { mounts: [mount("data", "/all")] }),
          ],
          [volume],
        );
        const [a, b] = await runAll(engine, spec);
        same([a?.stdout, a?.stderr, b?.stdout], ["", "", "x\ndeep\n"], volume.kind);
      }
    },
  },
  {
    name: "a subPath that leads out of its volume is refused",
    needs: [],
    async check(engine, context) {
      for (const subPath of ["../..", "a/../../b", "/etc"]) {
        const run = context.freshRun();
        const only = step(context, "step-only", "true", { mounts: [mount("data", "/data", { subPath })] });
        await refused(
          engine.open(podOf(run, "contract-escape", [only], [scratch("data")]), never),
          "path.escape",
          subPath,
        );
        same(await engine.sweep(run), { containers: 0, volumes: 0, networks: 0 }, "what was left behind");
      }
    },
  },
  {
    name: "a subPath through a link that leads out of the volume is refused",
    needs: ["programs"],
    async check(engine, context) {
      const run = context.freshRun();
      const volumes = [claim("data", "data")];
      const first = await engine.open(
        podOf(
          run,
          "contract-link-1",
          [
            step(context, "step-only", "ln -s /etc /data/out; ln -s ../../.. /data/up", {
              mounts: [mount("data", "/data")],
            }),
          ],
          volumes,
        ),
        never,
      );
      await finish(first, "step-only");
      await first[Symbol.asyncDispose]();
      try {
        for (const subPath of ["out", "up"]) {
          const only = step(context, "step-only", "ls /data", { mounts: [mount("data", "/data", { subPath })] });
          await refused(
            engine.open(podOf(run, `contract-link-${subPath}`, [only], volumes), never),
            "path.escape",
            subPath,
          );
        }
      } finally {
        await engine.sweep(run);
      }
    },
  },
  {
    name: "a part of a volume is never what a link leads to that an earlier step put in its place",
    needs: ["programs"],
    async check(engine, context) {
      for (const volume of [scratch("data"), scratch("data", "memory"), claim("data", "data")]) {
        const spec = podOf(
          context.freshRun(),
          "contract-swap",
          [
            step(context, "a", "echo kept > /all/part/note; mv /all/part /all/away; ln -s /etc /all/part", {
              mounts: [mount("data", "/all")],
            }),
            step(context, "b", "cat /part/note; ls /part; ! touch /part/new || ls /all/away", {
              mounts: [mount("data", "/part", { subPath: "part" }), mount("data", "/all", { readOnly: true })],
            }),
          ],
          [volume],
        );
        const [a, b] = await runAll(engine, spec);
        // As it was when the pod was opened; newer engines look again, and refuse to start it.
        const isRefused = b?.startError !== undefined;
        same([a?.stderr, b?.stdout], ["", isRefused ? "" : "kept\nnote\nnew\nnote\n"], volume.kind);
      }
    },
  },
];
