// `lapcat resume` after `kill -9` at any moment, on a real engine: the run comes to its end, with all that was finished before.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { docker } from "./support/clients.ts";
import { succeeded, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { listIn, pipelineRunOf, valueOf } from "./support/status.ts";

const busybox = "docker.io/library/busybox:latest";
const mine = `resume-${process.pid}-`;
const kills = 30;
const lanes = 3;
const seed = 20_261_122;

/** Numbers from 0 to 1 that are the same for the same seed. */
function random(from: number): () => number {
  let state = from;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const names = ["first", "left", "right", "middle", "last", "ending"];

/** Each tells in the shared volume that it began, and writes what it was given there; what comes last reads it all. */
function task(name: string, after: readonly string[], takes?: string): object {
  const body = [
    `echo ${name} >> $(workspaces.shared.path)/begun`,
    "sleep 0.3",
    `printf "%s" "$(params.given)-${name}" > $(workspaces.shared.path)/${name}.txt`,
    `printf "%s" "$(params.given)-${name}" > $(results.text.path)`,
  ];
  return {
    name,
    ...(after.length > 0 && { runAfter: after }),
    params: [{ name: "given", value: takes === undefined ? "x" : `$(tasks.${takes}.results.text)` }],
    workspaces: [{ name: "shared", workspace: "shared" }],
    taskSpec: {
      params: [{ name: "given" }],
      workspaces: [{ name: "shared" }],
      results: [{ name: "text" }],
      steps: [{ name: "only", image: busybox, script: body.join("\n") }],
    },
  };
}

function pipelineRun(name: string): string {
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
  const ending = {
    name: "ending",
    workspaces: [{ name: "shared", workspace: "shared" }],
    taskSpec: {
      workspaces: [{ name: "shared" }],
      results: [{ name: "files" }, { name: "begun" }],
      steps: [
        {
          name: "only",
          image: busybox,
          script: [
            "cd $(workspaces.shared.path)",
            "echo ending >> begun",
            "for each in *.txt; do printf '%s ' $(cat $each); done > $(results.files.path)",
            "tr '\\n' ' ' < begun > $(results.begun.path)",
          ].join("\n"),
        },
      ],
    },
  };
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name },
    spec: {
      workspaces: [{ name: "shared", volumeClaimTemplate: { spec: claim } }],
      pipelineSpec: {
        workspaces: [{ name: "shared" }],
        results: ["files", "begun"].map((each) => ({ name: each, value: `$(finally.ending.results.${each})` })),
        tasks: [
          task("first", []),
          task("left", [], "first"),
          task("right", [], "first"),
          task("middle", ["first"]),
          task("last", ["right", "middle"], "left"),
        ],
        finally: [ending],
      },
    },
  });
}

function wordsOf(value: unknown): readonly string[] {
  return typeof value === "string" ? value.trim().split(" ") : [];
}

interface Fact {
  readonly type: string;
  readonly taskRun?: string;
}

describeWith("a run that is killed and resumed", await absenceOf(docker, busybox), "in CI", () => {
  const home = temporaryHome();
  afterAll(() => home.remove());

  function factsOf(run: string): readonly Fact[] {
    const text = readFileSync(join(home.directory, "home/runs", run, "events.ndjson"), "utf8");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { readonly event: Fact }).event);
  }

  async function expectSound(run: string): Promise<void> {
    const { status } = pipelineRunOf(listIn((await home.lapcat("describe", run, "-o", "json")).stdout));
    expect(status.conditions).toMatchObject([{ status: "True", reason: "Succeeded" }]);
    const [files, begun] = ["files", "begun"].map((name) => wordsOf(valueOf(status.results, name)));
    expect(files).toEqual(["x-first", "x-first-left-last", "x-first-left", "x-middle", "x-first-right"]);
    const facts = factsOf(run);
    for (const name of names) {
      const count = (type: string): number =>
        facts.filter((each) => each.type === type && each.taskRun === `${run}-${name}`).length;
      // As often as it was interrupted, and once more: what was finished was not begun again.
      expect([name, count("task.started")]).toEqual([name, count("pod.interrupted") + 1]);
      const times = begun?.filter((each) => each === name).length ?? 0;
      expect(times).toBeGreaterThanOrEqual(1);
      expect(times).toBeLessThanOrEqual(count("task.started"));
    }
  }

  test(`${kills} kills at random moments: nothing finished is repeated, results and the volume are there, and nothing is left`, async () => {
    const next = random(seed);
    let left = kills;
    const runs: string[] = [];
    const lane = async (): Promise<void> => {
      while (left > 0) {
        const run = `${mine}${runs.length}`;
        runs.push(run);
        const file = home.file(`${run}.json`, pipelineRun(run));
        // A few of each, so that some die early, and some again and again.
        let begun = false;
        for (let more = Math.min(left, 1 + Math.floor(next() * 7)); more > 0; more--) {
          left -= 1;
          // Mostly counted from the run's begin, however slow the machine is.
          const isEarly = next() < 0.25;
          const delay = next() * 2500;
          const going = begun ? home.start({}, "resume", run) : home.start({}, "run", "-f", file);
          const since = isEarly ? sleep(300) : going.says(begun ? "resumed after" : "started").catch(() => undefined);
          await Promise.race([since.then(() => sleep(delay)), going.ended.catch(() => undefined)]);
          going.kill("SIGKILL");
          const ended = await going.ended.catch(() => undefined);
          begun ||= home.kept().includes(`name: ${run}\n`);
          if (ended !== undefined) succeeded(ended);
          if (ended?.code === 0) break;
        }
        succeeded(await (begun ? home.lapcat("resume", run) : home.lapcat("run", "-f", file)));
        await expectSound(run);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(runs.length).toBeGreaterThan(3);
    const interrupted = runs.flatMap(factsOf).filter(({ type }) => type === "pod.interrupted").length;
    expect(interrupted).toBeGreaterThan(kills / 3);
    expect(await leftIn(docker, (run) => run.startsWith(mine))).toEqual([]);
  }, 300_000);

  test("one that goes on is not taken up twice; with --no-retry what was interrupted has failed", async () => {
    const run = `${mine}busy`;
    // What ends it is slow as well: the second is to be found at work.
    const slow = pipelineRun(run)
      .replace("echo first", "echo begun; sleep 3; echo first")
      .replace("echo ending", "sleep 3; echo ending");
    const first = home.start({}, "run", "-f", home.file(`${run}.json`, slow));
    await first.says("begun");
    first.kill("SIGKILL");
    await first.ended.catch(() => undefined);
    const second = home.start({}, "resume", run, "--no-retry");
    await second.says("resumed after");
    const third = await home.lapcat("resume", run);
    expect(third).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`another lapcat is at work on the run ${run}`),
    });
    const ended = await second.ended;
    expect([ended.code, ended.stdout]).toEqual([
      1,
      expect.stringContaining("was interrupted: lapcat ended while it ran"),
    ]);
    expect(await home.lapcat("resume", run, "-o", "name")).toMatchObject({
      code: 1,
      stdout: run,
      stderr: `the run ${run} has ended already: nothing is left to do`,
    });
    expect(await leftIn(docker, (each) => each.startsWith(mine))).toEqual([]);
  });

  test("Secrets are read again from where they came, or given; without them the run stays as it is", async () => {
    const run = `${mine}secret`;
    const steps = [
      {
        name: "only",
        image: busybox,
        env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "api", key: "token" } } }],
        script: "echo begun; sleep 2; test ${#TOKEN} = 16 && echo known",
      },
    ];
    const taskRun = {
      apiVersion: "tekton.dev/v1",
      kind: "TaskRun",
      metadata: { name: run },
      spec: { taskSpec: { steps } },
    };
    const file = home.file("secret.json", JSON.stringify(taskRun));
    const going = home.start({ TOKEN: "hunter2-and-more" }, "run", "-f", file, "--secret", "api.token=env:TOKEN");
    await going.says("begun");
    going.kill("SIGKILL");
    await going.ended.catch(() => undefined);
    const refused = await home.lapcat("resume", run);
    expect(refused).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--secret api: the variable TOKEN is not set"),
    });
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "api" },
      stringData: { token: "hunter2-and-more" },
    };
    const given = home.file("secrets.json", JSON.stringify(secret));
    expect(succeeded(await home.lapcat("resume", run, "-f", given)).stdout).toContain("[only] known");
    expect(home.kept()).not.toContain("hunter2");
  });

  test("a part of a Pipeline goes on with the results and the volume that an earlier run kept", async () => {
    const file = home.file("whole.json", pipelineRun(`${mine}whole`));
    const { stderr } = succeeded(await home.lapcat("run", "-f", file, "--keep-workspaces"));
    const claim = /kept the volume of claim (\S+):/u.exec(stderr)?.[1] ?? "";
    try {
      const part = home.file("part.json", pipelineRun(`${mine}part`));
      const refused = await home.lapcat("run", "-f", part, "--from", "last");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('takes the result "text" of task left, which is left out');
      const earlier = ["--results-from", `${mine}whole`];
      const { stdout } = succeeded(await home.lapcat("run", "-f", part, "--from", "last", ...earlier));
      expect(stdout).toContain(`◇ left given: text from run ${mine}whole`);
      const run = pipelineRunOf(listIn((await home.lapcat("describe", `${mine}part`, "-o", "json")).stdout));
      expect(run.metadata).toMatchObject({ annotations: { "lapcat.dev/omitted": "first,left,right,middle" } });
      expect(run.status.childReferences?.map(({ pipelineTaskName }) => pipelineTaskName)).toEqual(["last", "ending"]);
      const [files, begun] = ["files", "begun"].map((name) => wordsOf(valueOf(run.status.results, name)));
      expect(files).toContain("x-first-left-last");
      expect(begun?.filter((each) => each === "first")).toHaveLength(1);
      expect(begun?.filter((each) => each === "last")).toHaveLength(2);
    } finally {
      succeeded(await home.lapcat("volume", "rm", claim));
    }
  });
});
