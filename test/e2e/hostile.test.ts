// Steps that want to reach the machine through lapcat: by links, results, names. Each on both ways for files to go in and out.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker } from "./support/clients.ts";
import { type Home, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { type List, listIn, taskRunOf, valueOf } from "./support/status.ts";

const image = "docker.io/library/busybox:latest";
const step = (name: string, script: string, more: object = {}): object => ({ name, image, script, ...more });
const taskRun = (taskSpec: object, more: object = {}): string =>
  JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "TaskRun",
    metadata: { generateName: "hostile-" },
    spec: { ...more, taskSpec },
  });

/** The first task plants something in the workspace that the second is given. */
function planted(script: string, look: string, more: { readonly binding?: object; readonly spec?: object }): string {
  const workspaces = [{ name: "shared" }];
  const storage = { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } } };
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { generateName: "hostile-" },
    spec: {
      workspaces: [{ name: "shared", volumeClaimTemplate: storage }],
      pipelineSpec: {
        workspaces,
        tasks: [
          {
            name: "plant",
            workspaces,
            taskSpec: { workspaces, steps: [step("only", `cd $(workspaces.shared.path)\n${script}`)] },
          },
          {
            name: "look",
            runAfter: ["plant"],
            workspaces: [{ name: "shared", ...more.binding }],
            taskSpec: { workspaces, ...more.spec, steps: [step("only", look)] },
          },
        ],
        finally: [{ name: "after", taskSpec: { steps: [step("only", "echo finally")] } }],
      },
    },
  });
}

/** `marker` is a directory of this machine with a file `secret` in it, and is empty otherwise. */
interface Case {
  readonly title: string;
  readonly document: (marker: string) => string;
  /** Of the task that counts. */
  readonly reason: string;
  /** Where files go by archive, and so through the container's own links. */
  readonly reasonByArchive?: string;
  readonly results?: Readonly<Record<string, unknown>>;
  readonly says?: RegExp;
}

const none = (...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, undefined]));

const cases: readonly Case[] = [
  {
    title: "a subPath that an earlier task made a link to the machine",
    document: (marker) =>
      planted(`ln -s ${marker} out`, "cat $(workspaces.shared.path)/secret", { binding: { subPath: "out" } }),
    reason: "PodCreationFailed",
    says: /leads out of the volume/u,
  },
  {
    title: "a subPath through a link, further down",
    document: (marker) =>
      planted(`ln -s / root`, "cat $(workspaces.shared.path)/secret", { binding: { subPath: `root${marker}` } }),
    reason: "PodCreationFailed",
    says: /leads out of the volume/u,
  },
  {
    title: "a subPath through a link that climbs",
    document: (marker) =>
      planted(`ln -s ../../../../../../../.. up`, "cat $(workspaces.shared.path)/secret", {
        binding: { subPath: `up${marker}` },
      }),
    reason: "PodCreationFailed",
    says: /leads out of the volume/u,
  },
  {
    title: "a part of a volume that an earlier step makes a link to the machine",
    document: (marker) =>
      taskRun({
        volumes: [{ name: "v", emptyDir: {} }],
        results: [{ name: "seen" }],
        steps: [
          step("plant", `mv /v/part /v/away; ln -s ${marker} /v/part`, {
            volumeMounts: [{ name: "v", mountPath: "/v" }],
          }),
          step("look", "ls /part | tee $(results.seen.path); echo x > /part/written", {
            volumeMounts: [{ name: "v", mountPath: "/part", subPath: "part" }],
          }),
        ],
      }),
    reason: "Succeeded",
    results: { seen: "" },
  },
  {
    title: "results that are links out of their volume, and one within",
    document: (marker) =>
      taskRun({
        results: ["absolute", "climbing", "chained", "own"].map((name) => ({ name })),
        steps: [
          step(
            "only",
            `cd /tekton/results; ln -s ${marker}/secret absolute; ln -s ../../../../../../../..${marker}/secret climbing; ln -s absolute chained; echo -n mine > other; ln -s other own`,
          ),
        ],
      }),
    reason: "Succeeded",
    results: { ...none("absolute", "climbing", "chained"), own: "mine" },
  },
  {
    title: "results that are no files",
    document: () =>
      taskRun({
        results: ["pipe", "directory", "device", "zero", "circle"].map((name) => ({ name })),
        steps: [
          step(
            "only",
            "cd /tekton/results; mkfifo pipe; mkdir -p directory/deep; dd if=/dev/zero of=directory/deep/big bs=1M count=64; mknod device b 8 0; mknod zero c 1 5; ln -s circle circle",
          ),
        ],
      }),
    reason: "Succeeded",
    results: none("pipe", "directory", "device", "zero", "circle"),
  },
  {
    title: "a result of a gigabyte",
    document: () =>
      taskRun({
        results: [{ name: "big" }],
        steps: [step("only", "dd if=/dev/zero of=$(results.big.path) bs=1 count=1 seek=1073741823")],
      }),
    reason: "StepFailed",
    results: none("big"),
    says: /above max allowed size/u,
  },
  {
    title: "an exit code that would be written through a link",
    document: (marker) =>
      taskRun({
        steps: [
          step("plant", `rm -rf /tekton/run/0/status; ln -s ${marker} /tekton/run/0/status; exit 3`, {
            onError: "continue",
          }),
          step("look", "cat $(steps.step-plant.exitCode.path) || true"),
        ],
      }),
    reason: "Succeeded",
    says: /exit code of step plant .* is in no file/u,
  },
  {
    title: "a working directory that is a link to the machine",
    document: (marker) =>
      planted(`ln -s ${marker} dir`, "ls; echo x > written; ls $(workspaces.shared.path)", {
        spec: { stepTemplate: { workingDir: "$(workspaces.shared.path)/dir/made" } },
      }),
    reason: "PodCreationFailed",
    reasonByArchive: "Succeeded",
  },
  {
    title: "a home that is a link to the machine, into which logins would go",
    document: (marker) =>
      [
        planted(`ln -s ${marker} home`, "ls -a $HOME", {
          spec: { stepTemplate: { env: [{ name: "HOME", value: "$(workspaces.shared.path)/home" }] } },
        }).replace('"workspaces"', '"taskRunTemplate":{"serviceAccountName":"bot"},"workspaces"'),
        JSON.stringify({
          apiVersion: "v1",
          kind: "Secret",
          type: "kubernetes.io/basic-auth",
          metadata: { name: "git", annotations: { "tekton.dev/git-0": "https://git.example" } },
          stringData: { username: "bot", password: "a-password" },
        }),
        JSON.stringify({
          apiVersion: "v1",
          kind: "ServiceAccount",
          metadata: { name: "bot" },
          secrets: [{ name: "git" }],
        }),
      ].join("\n---\n"),
    reason: "PodCreationFailed",
  },
  {
    title: "values that command a terminal",
    document: () =>
      taskRun({
        results: [{ name: "title" }],
        steps: [step("only", `printf '\\033]0;owned\\007\\033[2J' > $(results.title.path)`)],
      }),
    reason: "Succeeded",
    results: { title: "\u001b]0;owned\u0007\u001b[2J" },
  },
];

interface Refusal {
  readonly title: string;
  readonly document: string;
  readonly args?: readonly string[];
  readonly says: RegExp;
}

const harmless = { steps: [step("only", "true")] };
const withConfig = (data: object, volume: object): string =>
  [
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config" }, data }),
    taskRun({
      volumes: [{ name: "v", configMap: { name: "config", ...volume } }],
      steps: [step("only", "true", { volumeMounts: [{ name: "v", mountPath: "/v" }] })],
    }),
  ].join("\n---\n");
const named = (name: string): string =>
  taskRun(harmless).replace('"generateName":"hostile-"', `"name":${JSON.stringify(name)}`);
const bound = taskRun({ workspaces: [{ name: "w" }], ...harmless });

/** What is refused before anything is made. */
const refusals: readonly Refusal[] = [
  { title: "a run called like a path", document: named("../../out"), says: /field\.value.*name cannot be/u },
  { title: "a run called ..", document: named(".."), says: /field\.value.*name cannot be/u },
  {
    title: "a step called like a path",
    document: taskRun({ steps: [step("../only", "true")] }),
    says: /field\.value.*name cannot be/u,
  },
  {
    title: "a key of a ConfigMap that climbs",
    document: withConfig({ "../up": "x" }, {}),
    says: /path\.escape.*leads out of the volume/u,
  },
  {
    title: "an item of a ConfigMap with an absolute path",
    document: withConfig({ key: "x" }, { items: [{ key: "key", path: "/etc/cron.d/x" }] }),
    says: /path\.escape.*leads out of the volume/u,
  },
  {
    title: "an item of a ConfigMap that climbs",
    document: withConfig({ key: "x" }, { items: [{ key: "key", path: "a/../../b" }] }),
    says: /path\.escape.*leads out of the volume/u,
  },
  {
    title: "a subPath on the command line that climbs",
    document: bound,
    args: ["-w", "name=w,emptyDir=,subPath=../../etc"],
    says: /path\.escape.*leads out of the volume/u,
  },
  {
    title: "a claim that is a path to something else in a request",
    document: bound,
    args: ["-w", "name=w,claimName=x/../../containers/json"],
    says: /field\.value.*a claim cannot be called/u,
  },
  {
    title: "a claim in a volume, the same",
    document: taskRun({ volumes: [{ name: "v", persistentVolumeClaim: { claimName: "../../out" } }], ...harmless }),
    says: /field\.value.*a claim cannot be called/u,
  },
  {
    title: "a Task called like a path",
    document: JSON.stringify({
      apiVersion: "tekton.dev/v1",
      kind: "TaskRun",
      metadata: { generateName: "hostile-" },
      spec: { taskRef: { name: "../../../etc/passwd" } },
    }),
    says: /field\.value.*cannot be the name of an object/u,
  },
  {
    title: "an image that is a path to something else in a request",
    document: taskRun({ steps: [{ name: "only", image: "a/../../containers/json", script: "true" }] }),
    says: /image\.name/u,
  },
];

describeWith("hostile documents", undefined, "in CI", () => {
  const home = temporaryHome();
  afterAll(() => home.remove());
  test.for(refusals)("$title is refused", async ({ document, args = [], says }) => {
    const file = home.file("hostile.yaml", document);
    expect(await home.lapcat("run", "-f", file, ...args)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(says),
    });
    expect(home.runs()).toEqual([]);
  });
});

for (const placement of ["bind", "archive"] as const) {
  describeWith(`hostile steps, files by ${placement}`, await absenceOf(docker, image), "in CI", () => {
    let home: Home;
    let marker: string;
    beforeAll(() => {
      home = temporaryHome({ LAPCAT_PLACEMENT: placement });
      // No test's own temporary directory: links lead here.
      marker = mkdtempSync(join(tmpdir(), "lapcat-marker-"));
      writeFileSync(join(marker, "secret"), "only for this machine");
    });
    afterAll(() => {
      home?.remove();
      rmSync(marker, { recursive: true, force: true });
    });

    test.for(cases)("$title", async ({ document, results, says, ...expected }) => {
      const reason = placement === "archive" ? (expected.reasonByArchive ?? expected.reason) : expected.reason;
      const file = home.file("hostile.yaml", document(marker));
      const { stdout, stderr } = await home.lapcat("run", "-f", file, "-o", "json");
      if (stdout === "") throw new Error(stderr);
      const list: List = listIn(stdout);
      const isPipeline = list.items.some(({ kind }) => kind === "PipelineRun");
      const { status } = taskRunOf(list, isPipeline ? "look" : undefined);
      expect({ reason: status.conditions[0]?.reason, stderr }).toEqual({ reason, stderr });
      const found = Object.keys(results ?? {}).map((name) => [name, valueOf(status.results, name)]);
      expect(Object.fromEntries(found)).toEqual(results ?? {});
      expect(stdout + stderr).toMatch(says ?? /^/u);
      // The run goes on and has an end.
      expect(list.items.filter(({ status: { completionTime } }) => completionTime === undefined)).toEqual([]);
      expect(stderr.includes("[after : only] finally")).toBe(isPipeline);
      expect(stdout + stderr + home.kept()).not.toContain("only for this machine");
      // eslint-disable-next-line no-control-regex -- what a terminal would obey
      expect(stderr.replace(/\[only\].*/gu, "")).not.toMatch(/[\u0007\u001b]/u);
      expect(readdirSync(marker)).toEqual(["secret"]);
      expect(await leftIn(docker, (run) => home.runs().includes(run))).toEqual([]);
    });

    test("what is removed is removed where it is, whatever links stand there", async () => {
      const runs = join(home.directory, "home/runs");
      const [newest = ""] = home.runs();
      symlinkSync(marker, join(runs, newest, "out"));
      rmSync(join(runs, newest, "logs"), { recursive: true });
      symlinkSync(marker, join(runs, newest, "logs"));
      // A run that is a link to a directory that looks like one.
      mkdirSync(join(home.directory, "elsewhere"));
      writeFileSync(join(home.directory, "elsewhere/run.yaml"), readFileSync(join(runs, newest, "run.yaml")));
      symlinkSync(join(home.directory, "elsewhere"), join(runs, "linked"));
      for (const name of ["../../elsewhere", marker, "..", ".", "", `${newest}/logs`, ".unswept"]) {
        for (const command of ["rm", "logs", "describe"])
          expect(await home.lapcat(command, name)).toMatchObject({
            code: 2,
            stderr: expect.stringContaining("there is no run"),
          });
      }
      expect(await home.lapcat("rm", newest, "linked")).toMatchObject({ code: 0 });
      expect(home.runs()).not.toContain(newest);
      expect(home.runs()).not.toContain("linked");
      expect(readdirSync(marker)).toEqual(["secret"]);
      expect(existsSync(join(home.directory, "elsewhere/run.yaml"))).toBe(true);
    });
  });
}
