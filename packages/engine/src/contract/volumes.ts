import { latin1, utf8 } from "../bytes.ts";
import { asContainerName, asVolumeName, type VolumeSpec } from "../pod-spec.ts";
import {
  claim,
  finish,
  holds,
  mount,
  never,
  podOf,
  printed,
  refused,
  runAll,
  same,
  scratch,
  secured,
  step,
  textFile,
  withPod,
  type ContractPromise,
} from "./setting.ts";

const files = (name: string, list: Extract<VolumeSpec, { kind: "files" }>["files"]): VolumeSpec => ({
  kind: "files",
  name: asVolumeName(name),
  files: list,
});

/** What containers share, and what goes in and out. */
export const volumePromises: readonly ContractPromise[] = [
  {
    name: "a file is appended to, before, while and after its container runs, as its user would",
    needs: ["programs"],
    async check(engine, context) {
      const mounts = [mount("data", "/data"), mount("data", "/part", { subPath: "part" })];
      const more = { mounts, security: secured({ user: 65532 }), workingDir: "/data" };
      const script = "echo own >> /data/deep/er/file; echo ready; while [ ! -e /data/relative ]; do sleep 0.05; done";
      const look = "cat deep/er/file relative /data/part/file; stat -c '%u %a' deep deep/er/file relative";
      const spec = podOf(
        context.freshRun(),
        "contract-append",
        [step(context, "step-a", script, more), step(context, "step-b", look, more)],
        [scratch("data", "disk", ["part"])],
      );
      await withPod(engine, spec, async (pod) => {
        const name = asContainerName("step-a");
        await pod.append(name, "/data/deep/er/file", utf8("before\n"));
        await pod.start(name);
        for await (const _ of pod.logs(name)) await pod.append(name, "relative", utf8("while\n"));
        await pod.wait(name, never);
        await pod.append(name, "/part/file", utf8("after\n"));
        await pod.append(name, "/data/deep/er/file", utf8("at the end\n"));
        await pod.append(name, "/tmp/of-its-own", utf8("seen by nobody\n"));
        const { stdout } = await finish(pod, "step-b");
        const owners = "65532 755\n65532 644\n65532 644\n";
        same(stdout, `before\nown\nat the end\nwhile\nafter\n${owners}`, "what the next one sees");
      });
    },
  },
  {
    name: "a file that may not be written is not appended to",
    needs: [],
    async check(engine, context) {
      const name = asContainerName("step-only");
      const mounts = [mount("data", "/data"), mount("data", "/shut", { readOnly: true })];
      const spec = podOf(
        context.freshRun(),
        "contract-append-shut",
        [step(context, name, "true", { mounts })],
        [scratch("data")],
      );
      await withPod(engine, spec, async (pod) => {
        await pod.append(name, "/data/file", utf8("once "));
        await pod.append(name, "/data/file", utf8("twice"));
        const content = await pod.read(asVolumeName("data"), "file", 100);
        same(latin1(content?.bytes ?? new Uint8Array(0)), "once twice", "what was appended twice");
        await refused(pod.append(name, "/shut/file", utf8("x")), "engine.refused", "appending where it is read-only");
      });
    },
  },
  {
    name: "a scratch volume is empty, open to every uid, shared by the containers, and holds the directories asked for",
    needs: ["programs"],
    async check(engine, context) {
      for (const medium of ["disk", "memory"] as const) {
        const mounts = [mount("data", "/data")];
        const spec = podOf(
          context.freshRun(),
          `contract-scratch-${medium}`,
          [
            step(context, "a", "find /data -mindepth 1; echo hi > /data/a/b/file", {
              mounts,
              security: secured({ user: 65532 }),
            }),
            step(
              context,
              "b",
              "cat /data/a/b/file; stat -c %a /data /data/a /data/a/b; grep -c ' /data tmpfs' /proc/mounts",
              { mounts },
            ),
          ],
          [scratch("data", medium, ["a/b"])],
        );
        const [a, b] = await runAll(engine, spec);
        same([a?.stdout, a?.stderr], ["/data/a\n/data/a/b\n", ""], `what is in it (${medium})`);
        same(b?.stdout, `hi\n777\n777\n777\n${medium === "memory" ? 1 : 0}\n`, `what the other sees (${medium})`);
      }
    },
  },
  {
    name: "a scratch volume in memory holds no more than its size limit",
    needs: ["programs"],
    async check(engine, context) {
      const small: VolumeSpec = {
        kind: "scratch",
        name: asVolumeName("data"),
        medium: "memory",
        sizeLimit: 2 ** 20,
        directories: [],
      };
      const fill =
        "dd if=/dev/zero of=/data/file bs=64k count=64 2>&1 | grep -o 'No space left on device'; stat -c %s /data/file";
      const said = await printed(engine, context, "contract-full", fill, { mounts: [mount("data", "/data")] }, [small]);
      same(said, `No space left on device\n${2 ** 20}\n`, "what came of writing four times as much");
    },
  },
  {
    name: "a claim outlives its pod and ends with its run",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      const writes = podOf(
        run,
        "contract-claim-1",
        [
          step(context, "step-only", "echo kept > /data/file", {
            mounts: [mount("data", "/data")],
            security: secured({ user: 65532 }),
          }),
        ],
        [claim("data", "shared")],
      );
      const spec = (name: string): ReturnType<typeof podOf> =>
        podOf(
          run,
          name,
          [step(context, "step-only", "true", { mounts: [mount("data", "/data")] })],
          [claim("data", "shared")],
        );
      const look = async (name: string): Promise<string | undefined> => {
        const pod = await engine.open(spec(name), never);
        const found = await pod.read(asVolumeName("data"), "file", 100);
        await pod[Symbol.asyncDispose]();
        return found === undefined ? undefined : latin1(found.bytes);
      };
      const pod = await engine.open(writes, never);
      const { exitCode, stderr } = await finish(pod, "step-only");
      same([exitCode, stderr], [0, ""], "the writer");
      await pod[Symbol.asyncDispose]();
      try {
        same(await look("contract-claim-2"), "kept\n", "in the next pod");
      } finally {
        await engine.sweep(run);
      }
      same(await look("contract-claim-3"), undefined, "after the sweep");
      await engine.sweep(run);
    },
  },
  {
    name: "a kept claim outlives its run",
    needs: [],
    async check(engine, context) {
      const run = context.freshRun();
      const name = `contract-${run}`;
      const volumes = [claim("data", name, "kept")];
      try {
        await runAll(
          engine,
          podOf(
            run,
            "contract-kept-1",
            [step(context, "step-only", "echo kept > /data/file", { mounts: [mount("data", "/data")] })],
            volumes,
          ),
        );
        await withPod(
          engine,
          podOf(
            context.freshRun(),
            "contract-kept-2",
            [step(context, "step-only", "true", { mounts: [mount("data", "/data")] })],
            volumes,
          ),
          async (pod) => {
            const found = await pod.read(asVolumeName("data"), "file", 100);
            same(found === undefined ? undefined : latin1(found.bytes), "kept\n", "in another run");
          },
        );
      } finally {
        await context.removeClaim(name);
      }
    },
  },
  {
    name: "a read-only mount refuses writing, of the same volume that another mounts writable",
    needs: ["programs"],
    async check(engine, context) {
      for (const volume of [scratch("data"), claim("data", "data")]) {
        const spec = podOf(
          context.freshRun(),
          `contract-read-only-${volume.kind}`,
          [
            step(context, "a", "echo x > /data/file", { mounts: [mount("data", "/data")] }),
            step(context, "b", "cat /data/file; echo y > /data/file || echo refused", {
              mounts: [mount("data", "/data", { readOnly: true })],
            }),
          ],
          [volume],
        );
        same((await runAll(engine, spec))[1]?.stdout, "x\nrefused\n", volume.kind);
      }
    },
  },
  {
    name: "a volume of files has their content, modes and links, read-only, secret or not",
    needs: ["programs"],
    async check(engine, context) {
      for (const secret of [false, true]) {
        const volume = files("data", [
          textFile("sub/script", "#!/bin/sh\necho ran\n", 0o755, secret),
          { path: "bytes", content: { kind: "bytes", base64: "AP/+Cg==" }, mode: 0o400, secret },
          { path: "link", content: { kind: "link", target: "sub/script" }, mode: 0o777, secret },
        ]);
        const script =
          "/data/link; stat -c '%u %a' /data/sub/script /data/bytes; wc -c < /data/bytes; readlink /data/link; touch /data/x 2>/dev/null || echo read-only";
        const output = await printed(
          engine,
          context,
          `contract-content-${secret}`,
          script,
          { mounts: [mount("data", "/data")] },
          [volume],
        );
        same(output, "ran\n0 755\n0 400\n4\nsub/script\nread-only\n", secret ? "secret" : "public");
      }
    },
  },
  {
    name: "a single file of a volume can be mounted",
    needs: ["programs"],
    async check(engine, context) {
      const volume = files("data", [textFile("settings.conf", "key\n", 0o644), textFile("other", "no", 0o644)]);
      const output = await printed(
        engine,
        context,
        "contract-single",
        "cat /etc/app/settings; ls /etc/app",
        { mounts: [mount("data", "/etc/app/settings", { subPath: "settings.conf" })] },
        [volume],
      );
      same(output, "key\nsettings\n", "what is there");
    },
  },
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
  {
    name: "volumes belong to the pod's volume group, and so does what is made in them",
    needs: ["programs"],
    async check(engine, context) {
      const volumes = [
        scratch("data", "disk", ["sub"]),
        scratch("memory", "memory"),
        claim("claim", "claim"),
        files("files", [textFile("key", "k", 0o400, true)]),
      ];
      const mounts = volumes.map(({ name }) => mount(name, `/v/${name}`));
      const security = secured({ user: 1000, group: 1000, supplementalGroups: [2000] });
      const script =
        "cd /v; echo x > data/mine; stat -c '%n %g %a' data data/sub memory files/key; stat -c '%n %a' claim; stat -c '%n %u:%g' data/mine; cat files/key";
      same(
        await printed(engine, context, "contract-group", script, { mounts, security }, volumes, { volumeGroup: 2000 }),
        "data 2000 2777\ndata/sub 2000 2777\nmemory 2000 2777\nfiles/key 2000 440\nclaim 2777\ndata/mine 1000:2000\nk",
        // Podman gives a fresh volume of its own to the first who mounts it.
        "what belongs to whom",
      );
    },
  },
  {
    name: "a path of the engine's machine is mounted, and made where that is asked",
    needs: ["programs", "host-directory"],
    async check(engine, context) {
      const { hostDirectory = "" } = context;
      const host = (name: string, path: string, make = false): VolumeSpec => ({
        kind: "host",
        name: asVolumeName(name),
        path,
        make,
      });
      const volumes = [host("whole", hostDirectory), host("made", `${hostDirectory}/made/here`, true)];
      const mounts = [mount("whole", "/whole", { readOnly: true }), mount("made", "/made")];
      const script = "echo x > /made/file; cat /whole/made/here/file; touch /whole/y 2>/dev/null || echo read-only";
      same(
        await printed(engine, context, "contract-host", script, { mounts }, volumes),
        "x\nread-only\n",
        "what is there",
      );
    },
  },
  {
    name: "a result comes back byte for byte, and what is no file does not come",
    needs: ["programs"],
    async check(engine, context) {
      const script =
        "cd /results; printf 'a\\n\\000\\377' > raw; printf 0123456789 > long; : > empty; mkdir -p dir; printf x > dir/x; mkfifo pipe";
      const spec = podOf(
        context.freshRun(),
        "contract-result",
        [step(context, "step-only", script, { mounts: [mount("results", "/results")] })],
        [scratch("results")],
      );
      await withPod(engine, spec, async (pod) => {
        const { stderr, exitCode } = await finish(pod, "step-only");
        same([stderr, exitCode], ["", 0], "the writer");
        const read = async (path: string, limit = 100): Promise<unknown> => {
          const found = await pod.read(asVolumeName("results"), path, limit);
          return found === undefined ? undefined : [latin1(found.bytes), found.truncated];
        };
        same(await read("raw"), ["a\n\u0000\u00ff", false], "raw bytes");
        same(await read("long", 4), ["0123", true], "cut at the limit");
        same(await read("long", 10), ["0123456789", false], "exactly the limit");
        same(await read("empty"), ["", false], "an empty file");
        same(await read("dir/x"), ["x", false], "a file in a directory");
        for (const absent of ["nothing", "dir", "dir/nothing", "long/x", "pipe", "../raw"])
          same(await read(absent), undefined, absent);
      });
    },
  },
  {
    name: "a link out of a volume is not followed, one within it is",
    needs: ["programs"],
    async check(engine, context) {
      const script =
        "cd /results; echo in > real; ln -s real inside; ln -s /etc/passwd absolute; ln -s ../../../../etc/passwd relative; ln -s /etc directory; ln -s loop loop";
      const spec = podOf(
        context.freshRun(),
        "contract-links",
        [step(context, "step-only", script, { mounts: [mount("results", "/results")] })],
        [scratch("results")],
      );
      await withPod(engine, spec, async (pod) => {
        await finish(pod, "step-only");
        const inside = await pod.read(asVolumeName("results"), "inside", 100);
        same(inside === undefined ? undefined : latin1(inside.bytes), "in\n", "inside");
        for (const path of ["absolute", "relative", "directory/passwd", "loop"]) {
          same(await pod.read(asVolumeName("results"), path, 100), undefined, path);
        }
      });
    },
  },
  {
    name: "a file can be put into a volume while a container waits for it",
    needs: [],
    async check(engine, context) {
      const name = asContainerName("step-only");
      const script =
        "echo ready; until [ -s /data/sub/go ]; do sleep 0.05; done; cat /data/sub/go; stat -c %a /data/sub/go";
      for (const medium of ["disk", "memory"] as const) {
        const only = step(context, name, script, { mounts: [mount("data", "/data")] });
        await withPod(
          engine,
          podOf(context.freshRun(), `contract-write-${medium}`, [only], [scratch("data", medium)]),
          async (pod) => {
            await pod.start(name);
            let output = "";
            for await (const { bytes } of pod.logs(name)) {
              output += latin1(bytes);
              if (output === "ready\n") await pod.write(asVolumeName("data"), "sub/go", utf8("gone\n"), 0o640);
            }
            same(output, "ready\ngone\n640\n", `its output (${medium})`);
            const back = await pod.read(asVolumeName("data"), "sub/go", 100);
            holds(back !== undefined && latin1(back.bytes) === "gone\n", `it cannot be read back (${medium})`);
          },
        );
      }
    },
  },
];
