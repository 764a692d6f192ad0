import { latin1 } from "../bytes.ts";
import { asVolumeName, type VolumeSpec } from "../pod-spec.ts";
import {
  claim,
  finish,
  mount,
  never,
  podOf,
  printed,
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

/** What containers share, by the kinds of volumes. */
export const volumePromises: readonly ContractPromise[] = [
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
];
