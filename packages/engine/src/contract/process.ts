import { asContainerName, asImageRef } from "../pod-spec.ts";
import {
  finish,
  holds,
  mount,
  podOf,
  printed,
  runAll,
  same,
  scratch,
  secured,
  step,
  textFile,
  withPod,
  never,
  type ContractPromise,
} from "./setting.ts";

/** What a process finds around it. */
export const processPromises: readonly ContractPromise[] = [
  {
    name: "command, args, ENTRYPOINT and CMD make the process as Kubernetes and Tekton do",
    needs: ["programs"],
    async check(engine, context) {
      const image = asImageRef(context.images.configured);
      const { command: _, ...bare } = step(context, "step-image", "", { image });
      const { command: __, ...cmdOnly } = step(context, "step-cmd-args", "", { args: ["-c", "echo from cmd"] });
      const spec = podOf(context.freshRun(), "contract-process", [
        bare,
        { ...bare, name: asContainerName("step-args"), args: ["arg"] },
        { ...bare, name: asContainerName("step-command"), command: ["echo", "command"] },
        { ...bare, name: asContainerName("step-both"), command: ["echo", "command"], args: ["arg"] },
        cmdOnly,
      ]);
      const outputs = (await runAll(engine, spec)).map((each) => each.stdout);
      same(outputs, ["entry cmd\n", "entry arg\n", "command\n", "command arg\n", "from cmd\n"], "what they printed");
    },
  },
  {
    name: "a runner stands before whatever the process is",
    needs: ["programs"],
    async check(engine, context) {
      const runner = ["sh", "-c", 'echo "run: $*"; exec "$@"', "runner"];
      const image = asImageRef(context.images.configured);
      const { command: _, ...bare } = step(context, "step-image", "", { image, runner });
      const spec = podOf(context.freshRun(), "contract-runner", [
        bare,
        { ...bare, name: asContainerName("step-args"), args: ["a b"] },
        step(context, "step-command", "", { command: ["echo"], args: ["c"], runner }),
      ]);
      const outputs = (await runAll(engine, spec)).map((each) => each.stdout);
      const expected = ["run: echo entry cmd\nentry cmd\n", "run: echo entry a b\nentry a b\n", "run: echo c\nc\n"];
      same(outputs, expected, "what they printed");
    },
  },
  {
    name: "a container is started with the command, the arguments and the variables that are told only then",
    needs: ["programs"],
    async check(engine, context) {
      const name = asContainerName("step-late");
      const written = step(context, name, "", {
        command: ["echo", "$(late)"],
        env: [{ name: "KEPT", value: "kept" }],
        mounts: [mount("data", "/data")],
        homeFiles: [textFile(".home", "home", 0o600)],
        files: [textFile("opt/file", "file\n")],
      });
      const spec = podOf(
        context.freshRun(),
        "contract-late",
        [step(context, "step-first", "echo first > /data/first", { mounts: [mount("data", "/data")] }), written],
        [scratch("data")],
      );
      await withPod(engine, spec, async (pod) => {
        await finish(pod, "step-first");
        const script = 'echo "$KEPT $LATE $1"; cat /opt/file /data/first; stat -c %a ~/.home';
        const { stdout } = await finish(pod, name, {
          command: ["sh", "-c", script],
          args: ["sh", "argument"],
          env: [...written.env, { name: "LATE", value: "late" }],
        });
        same(stdout, "kept late argument\nfile\nfirst\n600\n", "what it printed");
        holds(pod.describe(name).containerId !== "", "it has no id");
      });
    },
  },
  {
    name: "what is told late is executed or not as what was described",
    needs: [],
    async check(engine, context) {
      const names = ["step-absent", "step-after"].map(asContainerName);
      const spec = podOf(
        context.freshRun(),
        "contract-late-absent",
        names.map((name) => step(context, name, "echo as described")),
      );
      await withPod(engine, spec, async (pod) => {
        const absent = await finish(pod, "step-absent", { command: ["no-such-program"] });
        same([absent.exitCode, absent.stdout], [-1, ""], "the exit code and output of a program that is not there");
        const after = await finish(pod, "step-after", { command: ["echo", "as told"] });
        same(after.stdout, "as told\n", "the next one's output");
      });
    },
  },
  {
    name: "env wins over the image, a later entry over an earlier one; defaultEnv over nothing, but it may extend the image's",
    needs: ["programs"],
    async check(engine, context) {
      const output = await printed(
        engine,
        context,
        "contract-env",
        'echo "$FROM_IMAGE|$SHARED|$TWICE|$DEFAULT|$PATH|$LINES2"',
        {
          image: asImageRef(context.images.configured),
          env: [
            { name: "SHARED", value: "step" },
            { name: "TWICE", value: "1" },
            { name: "TWICE", value: "2" },
            { name: "LINES2", value: "a\nb=c" },
          ],
          defaultEnv: [
            { name: "FROM_IMAGE", value: "default" },
            { name: "SHARED", value: "default" },
            { name: "DEFAULT", value: "default" },
            { name: "PATH", value: "/ours", extendsImage: ":" },
          ],
        },
      );
      const [image, step, twice, fallback, path = "", lines] = output.split("|");
      same([image, step, twice, fallback, lines], ["image", "step", "2", "default", "a\nb=c\n"], "the environment");
      holds(path.startsWith("/") && path.endsWith(":/ours"), `PATH is ${path}, not the image's followed by /ours`);
    },
  },
  {
    name: "the hostname is the pod's name, cut to 63 characters",
    needs: ["programs"],
    async check(engine, context) {
      const long = `contract-${"x".repeat(70)}`;
      const one = await printed(engine, context, long, "hostname");
      same(one, `${long.slice(0, 63)}\n`, "of a pod of one");
      const [first] = await runAll(
        engine,
        podOf(context.freshRun(), "contract-host", [step(context, "a", "hostname"), step(context, "b", "true")]),
      );
      same(first?.stdout, "contract-host\n", "of a pod of two");
    },
  },
  {
    name: "containers of a pod share localhost, /dev/shm and the host aliases",
    needs: ["programs"],
    async check(engine, context) {
      const spec = podOf(
        context.freshRun(),
        "contract-shared",
        [
          step(
            context,
            "step-ask",
            "i=0; until nc 127.0.0.1 4567 </dev/null 2>/dev/null; do i=$((i+1)); [ $i -lt 100 ] || exit 1; sleep 0.1; done; cat /dev/shm/note; grep -c 'two.example' /etc/hosts",
          ),
          step(context, "sidecar-tell", "echo noted > /dev/shm/note; while :; do echo hello | nc -l -p 4567; done", {
            role: "sidecar",
          }),
        ],
        [],
        { hostAliases: [{ ip: "10.1.2.3", hostnames: ["one.example", "two.example"] }] },
      );
      await withPod(engine, spec, async (pod) => {
        const sidecar = asContainerName("sidecar-tell");
        await pod.start(sidecar);
        const { stdout } = await finish(pod, "step-ask");
        same(stdout, "hello\nnoted\n1\n", "what the step got");
        await pod.kill(sidecar, 0);
        await pod.wait(sidecar, never);
      });
    },
  },
  {
    name: "a pod without a network has only its loopback",
    needs: ["programs"],
    async check(engine, context) {
      const output = await printed(engine, context, "contract-none", "grep -c : /proc/net/dev", {}, [], {
        network: "none",
      });
      same(output, "1\n", "the number of interfaces");
      const spec = podOf(
        context.freshRun(),
        "contract-none-2",
        [step(context, "a", "grep -c : /proc/net/dev"), step(context, "b", "true")],
        [],
        { network: "none" },
      );
      same((await runAll(engine, spec))[0]?.stdout, "1\n", "the number of interfaces, in a pod of two");
    },
  },
  {
    name: "a pod on the host's network sees it, alone or with others",
    needs: ["programs"],
    async check(engine, context) {
      // The namespace itself: on a busy host interfaces come and go.
      const script = "readlink /proc/self/ns/net";
      const one = await printed(engine, context, "contract-net", script, {}, [], { network: "host" });
      const spec = podOf(
        context.freshRun(),
        "contract-net-2",
        [step(context, "a", script), step(context, "b", "true")],
        [],
        { network: "host" },
      );
      const [first] = await runAll(engine, spec);
      same([first?.stdout, first?.stderr], [one, ""], "the namespace of a pod of two");
      const own = await printed(engine, context, "contract-net-own", script);
      holds(own.startsWith("net:[") && own !== one, "a pod on the pod network has a namespace of its own");
    },
  },
  {
    name: "user, group and supplemental groups are the numbers given",
    needs: ["programs"],
    async check(engine, context) {
      const security = secured({ user: 1234, group: 2345, supplementalGroups: [3456] });
      same(
        await printed(engine, context, "contract-user", "id -u; id -g; id -G", { security }),
        "1234\n2345\n2345 3456\n",
        "id",
      );
      const group = secured({ group: 2345 });
      const image = asImageRef(context.images.configured);
      same(
        await printed(engine, context, "contract-group", "id -u; id -g", { security: group, image }),
        "65532\n2345\n",
        "id with a group alone",
      );
    },
  },
  {
    name: "capabilities, privilege escalation and the root filesystem are as restricted as asked",
    needs: ["programs"],
    async check(engine, context) {
      const security = secured({
        capabilities: { add: ["CHOWN"], drop: ["ALL"] },
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
      });
      const output = await printed(
        engine,
        context,
        "contract-security",
        "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; touch /x 2>/dev/null || echo read-only",
        { security },
      );
      same(output.replace(/\s+/gu, " "), "CapEff: 0000000000000001 NoNewPrivs: 1 read-only ", "what it may do");
    },
  },
  {
    name: "kernel parameters of the pod's network are set, and /proc is hidden in part unless it is not to be",
    needs: ["programs"],
    async check(engine, context) {
      const sysctls = { "net.ipv4.ip_local_port_range": "2000 3000" };
      const script = "cat /proc/sys/net/ipv4/ip_local_port_range";
      const [two] = await runAll(
        engine,
        podOf(context.freshRun(), "contract-sysctl", [step(context, "a", script), step(context, "b", "true")], [], {
          sysctls,
        }),
      );
      const one = await printed(engine, context, "contract-sysctl-1", script, {}, [], { sysctls });
      same([two?.stdout, one], ["2000\t3000\n", "2000\t3000\n"], "the range of ports");
      const masked = "grep -c ' /proc/' /proc/self/mounts || true";
      const unmasked = secured({ unmaskedProc: true });
      const usual = await printed(engine, context, "contract-proc", masked);
      const open = await printed(engine, context, "contract-proc-2", masked, { security: unmasked });
      holds(
        Number(usual) > 0 && Number(open) === 0,
        `mounts over /proc: ${usual.trim()} usually, ${open.trim()} unmasked`,
      );
    },
  },
  {
    name: "a working directory that does not exist is made",
    needs: ["programs"],
    async check(engine, context) {
      same(
        await printed(engine, context, "contract-workdir", "pwd", { workingDir: "/not/there/yet" }),
        "/not/there/yet\n",
        "in the root",
      );
      const inVolume = await printed(
        engine,
        context,
        "contract-workdir-2",
        "pwd",
        { workingDir: "/data/sub/dir", mounts: [mount("data", "/data")] },
        [scratch("data")],
      );
      same(inVolume, "/data/sub/dir\n", "in a volume");
    },
  },
  {
    name: "running out of memory is told apart from failing",
    needs: ["programs", "memory-limit"],
    async check(engine, context) {
      const spec = podOf(context.freshRun(), "contract-oom", [
        step(context, "step-hungry", "", {
          command: ["sh", "-c", "exec tail /dev/zero"],
          resources: { memory: 16 * 1024 * 1024 },
        }),
        step(context, "step-failing", "exit 137", { resources: { memory: 16 * 1024 * 1024 } }),
      ]);
      const [hungry, failing] = await runAll(engine, spec);
      same([hungry?.exitCode, hungry?.oomKilled], [137, true], "the hungry one");
      same([failing?.exitCode, failing?.oomKilled], [137, false], "the failing one");
    },
  },
  {
    name: "a privileged container may mount, and its files are placed whatever it takes",
    needs: ["programs", "privileged"],
    async check(engine, context) {
      const security = secured({ privileged: true });
      const script = "mount -t tmpfs none /mnt && cat /placed";
      const more = { security, files: [textFile("placed", "here\n")] };
      same(
        await printed(engine, context, "contract-privileged", `mkdir -p /mnt; ${script}`, more),
        "here\n",
        "its output",
      );
      same(
        await printed(engine, context, "contract-privileged-2", `mkdir -p /mnt; ${script}`, more),
        "here\n",
        "the next one's output",
      );
    },
  },
  {
    name: "files are owned by the step's user, those of the home with closed directories",
    needs: ["programs"],
    async check(engine, context) {
      const files = [textFile("etc/placed/config", "a", 0o640), textFile("top", "b", 0o600)];
      const homeFiles = [textFile(".docker/config.json", "{}", 0o600, true), textFile(".netrc", "n", 0o600, true)];
      const script =
        'cd "$HOME"; stat -c "%n %u:%g %a" "$HOME" .docker .docker/config.json .netrc /etc/placed/config /top; cat .docker/config.json && touch "$HOME/mine"';
      const image = asImageRef(context.images.configured);
      same(
        await printed(engine, context, "contract-files", script, { image, files, homeFiles }),
        "/home/nonroot 65532:65532 700\n.docker 65532:65532 700\n.docker/config.json 65532:65532 600\n.netrc 65532:65532 600\n/etc/placed/config 65532:65532 640\n/top 65532:65532 600\n{}",
        "as nonroot",
      );
      const before = await printed(engine, context, "contract-files-1", "stat -c %a / /root");
      const root = 'stat -c "%u:%g %a" "$HOME/.docker/config.json"; stat -c %a / /root';
      same(
        await printed(engine, context, "contract-files-2", root, { homeFiles }),
        `0:0 600\n${before}`,
        "as root, with / and /root as they were",
      );
    },
  },
  {
    name: "where the root may not be written, files are placed in volumes and home files are left out",
    needs: ["programs"],
    async check(engine, context) {
      const script = "cat /creds/file; ls -A /home/nonroot; touch /new 2> /dev/null || echo shut";
      const more = {
        security: secured({ user: 65532, readOnlyRootFilesystem: true }),
        files: [textFile("creds/file", "kept\n", 0o600, true)],
        homeFiles: [textFile(".file", "left out", 0o600, true)],
        mounts: [mount("creds", "/creds")],
      };
      const output = await printed(engine, context, "contract-read-only", script, more, [scratch("creds", "memory")]);
      same(output, "kept\nshut\n", "what it found");
    },
  },
  {
    name: "home files find a home that lies in a volume",
    needs: ["programs"],
    async check(engine, context) {
      const env = [{ name: "HOME", value: "/tekton/home" }];
      const security = secured({ user: 65532 });
      const more = {
        env,
        security,
        homeFiles: [textFile(".ssh/config", "c", 0o600, true)],
        mounts: [mount("home", "/tekton/home")],
      };
      for (const medium of ["disk", "memory"] as const) {
        const script = 'stat -c %a /tekton/home; cd /tekton/home; stat -c "%u %a" .ssh .ssh/config';
        const output = await printed(engine, context, `contract-home-${medium}`, script, more, [
          scratch("home", medium),
        ]);
        holds(output === "777\n65532 700\n65532 600\n", `on ${medium}: ${JSON.stringify(output)}`);
      }
    },
  },
];
