import { latin1, utf8 } from "../bytes.ts";
import { asContainerName, asVolumeName } from "../pod-spec.ts";
import {
  finish,
  holds,
  mount,
  never,
  podOf,
  refused,
  same,
  scratch,
  secured,
  step,
  withPod,
  type ContractPromise,
} from "./setting.ts";

/** Single files that go into a pod and come out of it. */
export const volumeFilePromises: readonly ContractPromise[] = [
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
