// `lapcat run` and what reads its record, on a real engine: exit codes, formats, interruption, secrets.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, afterEach, expect, test } from "vitest";
import { docker } from "./support/clients.ts";
import { type Ended, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { listIn, pipelineRunOf, taskRunOf } from "./support/status.ts";

const busybox = "docker.io/library/busybox:latest";
/** Begins the name of every run here: so nothing of another run is taken for ours. */
const mine = `run-${process.pid}-`;

const pipeline = `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { generateName: ${mine} }
spec:
  workspaces:
    - name: shared
      volumeClaimTemplate: { spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } } }
  pipelineSpec:
    params: [{ name: word, default: hello }]
    workspaces: [{ name: shared }]
    results: [{ name: said, value: $(tasks.read.results.text) }]
    tasks:
      - name: write
        workspaces: [{ name: shared, workspace: shared }]
        taskSpec:
          workspaces: [{ name: shared }]
          steps: [{ name: put, image: ${busybox}, script: 'printf "$(params.word)" > $(workspaces.shared.path)/f; echo written' }]
      - name: read
        runAfter: [write]
        workspaces: [{ name: shared, workspace: shared }]
        taskSpec:
          workspaces: [{ name: shared }]
          results: [{ name: text }]
          steps: [{ name: get, image: ${busybox}, script: 'cat $(workspaces.shared.path)/f | tee $(results.text.path)' }]
`;

const taskRun = (script: string, more = ""): string => `apiVersion: tekton.dev/v1
kind: TaskRun
metadata: { generateName: ${mine} }
spec:
  taskSpec:
    steps:
      - name: only
        image: ${busybox}
        script: ${JSON.stringify(script)}
${more}`;

function succeeded({ code, stderr }: Pick<Ended, "code" | "stderr">): void {
  if (code !== 0) throw new Error(`ended with ${code}:\n${stderr}`);
}

describeWith("lapcat run on an engine", await absenceOf(docker, busybox), "in CI", () => {
  const home = temporaryHome();
  afterAll(() => home.remove());
  afterEach(async () => {
    const left = await leftIn(docker, (run) => run.startsWith(mine));
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  });

  test("a run that succeeds: its story on standard output, 0, and a record that can be read", async () => {
    const file = home.file("pipeline.yaml", pipeline);
    const { code, stdout, stderr } = await home.lapcat("run", "-f", file, "-p", "word=good day");
    succeeded({ code, stderr });
    expect(stdout).toContain("[write : put] written\n");
    expect(stdout).toContain("[read : get] good day\n");
    expect(stdout).toMatch(/said +good day/u);
    expect(stdout).toMatch(/✔ PipelineRun \S+ Succeeded in /u);
    expect(stderr).toContain("read (embedded) after write");
    expect(stdout + stderr).not.toContain("\u001b[");

    const logs = await home.lapcat("logs", "last");
    expect(logs.stdout).toBe("[write : put] written\n[read : get] good day");
    expect((await home.lapcat("logs", "last", "read", "get")).stdout).toBe("good day");
    expect((await home.lapcat("logs", "last", "read", "--timestamps")).stdout).toMatch(
      /^\[read : get\] \d{4}-\d\d-\d\dT/u,
    );
    expect(await home.lapcat("logs", "last", "raed")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("did you mean read?"),
    });
    expect((await home.lapcat("ls")).stdout).toMatch(/PipelineRun .* Succeeded$/mu);
  });

  test("-o json prints a v1 List and nothing else: the PipelineRun, then its TaskRuns; describe prints the same", async () => {
    const { code, stdout, stderr } = await home.lapcat("run", "-f", home.file("pipeline.yaml", pipeline), "-o", "json");
    succeeded({ code, stderr });
    expect(stderr).toContain("[read : get] hello");
    const list = listIn(stdout);
    expect(list).toMatchObject({ apiVersion: "v1", kind: "List" });
    expect(list.items.map(({ kind }) => kind)).toEqual(["PipelineRun", "TaskRun", "TaskRun"]);
    const { status, metadata } = pipelineRunOf(list);
    expect(status.conditions).toMatchObject([{ type: "Succeeded", status: "True", reason: "Succeeded" }]);
    expect(status.results).toEqual([{ name: "said", value: "hello" }]);
    expect(status.childReferences?.map(({ pipelineTaskName }) => pipelineTaskName)).toEqual(["write", "read"]);
    expect(taskRunOf(list, "read").status.steps).toMatchObject([
      { name: "get", container: "step-get", terminated: { exitCode: 0, reason: "Completed" } },
    ]);
    const described = await home.lapcat("describe", metadata.name, "-o", "json");
    expect(listIn(described.stdout)).toEqual(list);
  });

  test("-o name prints the run's name; with --quiet standard error is silent too", async () => {
    const file = home.file("quiet.yaml", taskRun("echo hi"));
    const { code, stdout, stderr } = await home.lapcat("run", "-f", file, "-o", "name", "--quiet");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(home.runs()).toContain(stdout);
  });

  test("a step that fails: 1, the reason, where its output is, and a JUnit report", async () => {
    const report = join(home.directory, "report.xml");
    const file = home.file("fails.yaml", taskRun("echo before; exit 3"));
    const { code, stdout } = await home.lapcat("run", "-f", file, "--junit", report);
    expect(code).toBe(1);
    expect(stdout).toContain("exited with code 3");
    expect(stdout).toMatch(/its output: lapcat logs \S+ \S+ only/u);
    expect(readFileSync(report, "utf8")).toContain('failures="1"');
  });

  test("a timeout: 1", async () => {
    const { code, stdout } = await home.lapcat(
      "run",
      "-f",
      home.file("long.yaml", taskRun("sleep 60")),
      "--timeout",
      "1s",
      "--grace",
      "0",
    );
    expect(code).toBe(1);
    expect(stdout).toContain("TaskRunTimeout");
  });

  test("Ctrl-C: steps get SIGTERM, the run is Cancelled, 130", async () => {
    const script = "trap 'echo was told; exit 9' TERM; echo begun; sleep 60 & wait";
    const going = home.start({}, "run", "-f", home.file("slow.yaml", taskRun(script)));
    await going.says("begun");
    going.kill("SIGINT");
    const { code, stdout, stderr } = await going.ended;
    expect(code).toBe(130);
    expect(stderr).toContain("cancelling");
    expect(stdout).toContain("[only] was told");
    expect(stdout).toContain("TaskRunCancelled");
  });

  test("Ctrl-C twice: what ignores SIGTERM is killed at once", async () => {
    const file = home.file("stubborn.yaml", taskRun("trap '' TERM; echo begun; while :; do sleep 1; done"));
    const going = home.start({}, "run", "-f", file, "--grace", "60");
    await going.says("begun");
    going.kill("SIGINT");
    await going.says("cancelling");
    const since = Date.now();
    going.kill("SIGINT");
    expect((await going.ended).code).toBe(130);
    expect(Date.now() - since).toBeLessThan(20_000);
  });

  test("kill -9: the next command removes what was left running, ls says how the run can go on, and rm removes its volume", async () => {
    const going = home.start(
      {},
      "run",
      "-f",
      home.file("slow.yaml", pipeline.replace("echo written", "echo begun; sleep 60")),
    );
    await going.says("begun");
    const others = home.start({}, "run", "-f", home.file("other.yaml", taskRun("echo other; sleep 5")));
    await others.says("other");
    going.kill("SIGKILL");
    await going.ended.catch(() => undefined);
    const { stdout, stderr } = await home.lapcat("ls");
    expect(stderr).toMatch(/removed what the interrupted run \S+ left running: \d+ containers?$/mu);
    expect(stdout).toMatch(/PipelineRun .* Interrupted: lapcat resume \S+$/mu);
    // Another's run goes on.
    expect(stdout).toMatch(/TaskRun .* Running$/mu);
    expect((await others.ended).code).toBe(0);
    expect((await home.lapcat("ls")).stderr).toBe("");
    const cut = /^(\S+) .* Interrupted/mu.exec(stdout)?.[1] ?? "";
    expect((await home.lapcat("rm", cut)).stderr).toContain(`removed what the run ${cut} left: 1 volume`);
  });

  test("secrets are masked in all that is printed and kept, in every form they are known by", async () => {
    const secret = "hunter2-with-more-to-it";
    const file = home.file(
      "secret.yaml",
      `${taskRun(`echo "it is $TOKEN"; printf %s "$TOKEN" | base64; printf %s "$TOKEN"; sleep 0.1; echo`, `        env: [{ name: TOKEN, valueFrom: { secretKeyRef: { name: api, key: TOKEN } } }]\n`)}`,
    );
    const env = { TOKEN: secret };
    const run = await home.lapcatWith(env, "run", "-f", file, "--secret", "api=env:TOKEN");
    succeeded(run);
    expect(run.stdout).toContain("[only] it is ***");
    const json = await home.lapcatWith(env, "run", "-f", file, "--secret", "api=env:TOKEN", "-o", "json");
    const [logs, described] = await Promise.all([
      home.lapcat("logs", "last"),
      home.lapcat("describe", "last", "-o", "yaml"),
    ]);
    const everything =
      [run, json, logs, described].flatMap(({ stdout, stderr }) => [stdout, stderr]).join("\n") + home.kept();
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(Buffer.from(secret).toString("base64"));
  });

  test("a custom task is run by a command of the user's, and ends with the run", async () => {
    const document = `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { generateName: ${mine} }
spec:
  pipelineSpec:
    tasks:
      - { name: ask, params: [{ name: who, value: ann }], taskRef: { apiVersion: example.dev/v1, kind: Ask } }
      - name: tell
        params: [{ name: said, value: $(tasks.ask.results.said) }]
        taskSpec:
          params: [{ name: said }]
          steps: [{ name: only, image: ${busybox}, script: 'echo "$(params.said)"' }]
`;
    const file = home.file("custom.yaml", document);
    const answer = `'{"status": "True", "results": [{"name": "said", "value": "yes"}]}'`;
    const run = await home.lapcat(
      "run",
      "-f",
      file,
      "--custom-task",
      `example.dev/v1/Ask=echo asked >&2; echo ${answer}`,
    );
    succeeded(run);
    expect(run.stdout).toContain("[ask : custom-run] asked\n");
    expect(run.stdout).toContain("[tell : only] yes\n");
    expect((await home.lapcat("logs", "last", "ask")).stdout).toBe("[ask : custom-run] asked");
    const described = await home.lapcat("describe", "last", "-o", "json");
    expect(listIn(described.stdout).items.map(({ kind }) => kind)).toEqual(["PipelineRun", "CustomRun", "TaskRun"]);

    const patient = "example.dev/v1/Ask=trap 'echo was told >&2; exit 1' TERM; echo asked >&2; sleep 60 & wait";
    const going = home.start({}, "run", "-f", file, "--custom-task", patient);
    await going.says("asked");
    going.kill("SIGINT");
    const { code, stdout } = await going.ended;
    expect(code).toBe(130);
    expect(stdout).toContain("[ask : custom-run] was told");
    expect(stdout).toContain("CustomRunCancelled");
  });

  test("--keep-workspaces leaves the volume, and says how it is used again", async () => {
    const { code, stderr } = await home.lapcat("run", "-f", home.file("kept.yaml", pipeline), "--keep-workspaces");
    succeeded({ code, stderr });
    const claim = /kept the volume of claim (\S+):/u.exec(stderr)?.[1] ?? "";
    const volumes = await execa("docker", ["volume", "ls", "--quiet", "--filter", `name=${claim}`]);
    expect(volumes.stdout).not.toBe("");
    await execa("docker", ["volume", "rm", ...volumes.stdout.split("\n")]);
  });

  test("logs -f shows a run that goes on, to its end", async () => {
    const going = home.start(
      {},
      "run",
      "-f",
      home.file("steps.yaml", taskRun("echo one; sleep 2; echo two")),
      "-o",
      "name",
      "-q",
    );
    const running = async (): Promise<boolean> => (await home.lapcat("ls")).stdout.includes("Running");
    while (!(await running())) await new Promise((resolve) => setTimeout(resolve, 50));
    const { stdout, code } = await home.lapcat("logs", "last", "--follow");
    expect({ stdout, code }).toEqual({ stdout: "[only] one\n[only] two", code: 0 });
    expect((await going.ended).code).toBe(0);
  });

  test("rm and prune take records away, but not of a run that goes on", async () => {
    const going = home.start({}, "run", "-f", home.file("going.yaml", taskRun("echo begun; sleep 6")));
    await going.says("begun");
    const [newest = ""] = (await home.lapcat("ls", "-o", "name")).stdout.split("\n");
    expect(await home.lapcat("rm", newest)).toMatchObject({ code: 2, stderr: expect.stringContaining("is going on") });
    expect((await home.lapcat("prune")).code).toBe(0);
    expect(home.runs()).toEqual([newest]);
    expect((await going.ended).code).toBe(0);
    expect(await home.lapcat("rm", "last")).toMatchObject({ code: 0, stdout: newest });
    expect(home.runs()).toEqual([]);
  });
});
