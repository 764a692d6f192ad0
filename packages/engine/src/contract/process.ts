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
  step,
  textFile,
  withPod,
  type ContractPromise,
} from "./setting.ts";

/** What process a container is: its words, variables, directory and end. */
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
];
