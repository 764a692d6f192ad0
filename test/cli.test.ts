import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Each test starts programs.
vi.setConfig({ testTimeout: 60_000 });

const root = join(import.meta.dirname, "..");
const lapcat = join(root, "packages/cli/bin/lapcat");
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "lapcat-cli-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Run {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

/** No engine answers here, and nothing of the machine's own settings is seen. */
async function cli(args: readonly string[], { input = "", env = {} }: Run = {}): Promise<Ended> {
  const own = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    LAPCAT_HOME: join(home, "lapcat"),
    DOCKER_HOST: "unix:///nowhere/engine.sock",
  };
  const options = { cwd: root, input, reject: false, extendEnv: false, env: { ...own, ...env } } as const;
  const { stdout, stderr, exitCode } = await execa(lapcat, args, options);
  return { stdout, stderr, exitCode };
}

function file(name: string, text: string): string {
  const path = join(home, name);
  writeFileSync(path, text);
  return path;
}

const task = `apiVersion: tekton.dev/v1
kind: Task
metadata: { name: hello }
spec:
  params: [{ name: who }]
  steps: [{ name: say, image: alpine, script: 'echo $(params.who)' }]
`;

test("help names every command, and every command has help of its own with its options", async () => {
  const { stdout, exitCode } = await cli(["--help"]);
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)[, ]/gmu)].map(([, name]) => name!);
  expect(commands).toEqual(
    expect.arrayContaining([
      "run",
      "validate",
      "plan",
      "logs",
      "ls",
      "describe",
      "rm",
      "prune",
      "doctor",
      "completion",
    ]),
  );
  expect(exitCode).toBe(0);
  const helps = await Promise.all(
    commands.map((command) => cli(command === "help" ? ["help", "run"] : [command, "--help"])),
  );
  for (const help of helps) {
    expect(help.exitCode).toBe(0);
    expect(help.stdout).toMatch(/^Usage: lapcat /u);
    expect(help.stdout).not.toContain("default: false");
  }
});

test("the version is that of the package", async () => {
  const { stdout, exitCode } = await cli(["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+$/u);
  expect(exitCode).toBe(0);
});

test.for([
  ["a command that is none", ["rnu"], "Did you mean run?"],
  ["an option that is none", ["run", "--dockerconfig"], "unknown option"],
  ["a choice that is none", ["run", "-o", "xml"], "Allowed choices are"],
  ["no documents", ["run"], "name them with -f"],
  ["a file that is not there", ["plan", "-f", "absent.yaml"], "there is no such file"],
  ["a param without a value", ["run", "-f", "-", "-p", "who"], "is not NAME=VALUE"],
  ["a workspace without a name", ["run", "-f", "-", "-p", "who=me", "-w", "emptyDir="], "has no name"],
  ["a label without a value", ["run", "-f", "-", "-p", "who=me", "-l", "x"], "is not KEY=VALUE"],
  ["a timeout that is none", ["run", "-f", "-", "-p", "who=me", "--timeout", "soon"], "is not a duration"],
  ["a pin without a version", ["run", "-f", "-", "-p", "who=me", "--task", "git-clone"], "is not NAME@VERSION"],
  ["an image map that is none", ["run", "-f", "-", "-p", "who=me", "--image-map", "=x"], "is not PATTERN=IMAGE"],
  ["a secret that is none", ["run", "-f", "-", "-p", "who=me", "--secret", "hunter2"], "is not NAME=FILE"],
  ["a variable that is not set", ["run", "-f", "-", "-p", "who=me", "--secret", "s=env:ABSENT"], "ABSENT is not set"],
  [
    "a certificate that is none",
    ["run", "-f", "-", "-p", "who=me", "--ca-file", "package.json"],
    "holds no certificate",
  ],
  [
    "a report that cannot be written",
    ["run", "-f", "-", "-p", "who=me", "--junit", "absent/x.xml"],
    "cannot be written",
  ],
  ["a missing param", ["run", "-f", "-"], 'param "who"'],
  ["a run that is not kept", ["logs", "absent"], "there is no run"],
  ["no last run", ["describe", "last"], "there is no last run"],
] as const)("%s is told, with exit code 2, and without a stack", async ([, args, words]) => {
  const { stdout, stderr, exitCode } = await cli(args, { input: task });
  expect(stderr).toContain(words);
  expect(stderr).toMatch(/error\[[a-z.-]+\]/u);
  expect(stderr).not.toContain("    at ");
  expect(stderr).not.toContain("hunter2");
  expect(stdout).toBe("");
  expect(exitCode).toBe(2);
});

test("with LAPCAT_DEBUG a refusal also says where it was made", async () => {
  const { stderr } = await cli(["logs", "absent"], { env: { LAPCAT_DEBUG: "1" } });
  expect(stderr).toContain("    at ");
});

test("without an engine a run ends with 3, says what to do, and keeps nothing", async () => {
  const { stderr, exitCode } = await cli(["run", "-f", "-", "-p", "who=me"], { input: task });
  expect(stderr).toContain("error[engine.none]");
  expect(stderr).toContain("hint:");
  expect(exitCode).toBe(3);
  expect((await cli(["ls", "-o", "name"])).stdout).toBe("");
});

test("doctor tells what was tried, and ends with 3 where no engine can be used", async () => {
  const { stdout, exitCode } = await cli(["doctor"]);
  expect(stdout).toContain("DOCKER_HOST: unix:///nowhere/engine.sock");
  expect(exitCode).toBe(3);
  const { stdout: json } = await cli(["doctor", "-o", "json"]);
  expect(JSON.parse(json).engines[0]).toMatchObject({ way: "DOCKER_HOST", verdict: { kind: "absent" } });
});

test("validate prints JSON of exactly one shape", async () => {
  const path = file("wrong.yaml", task.replace("image: alpine", "imagge: alpine"));
  const { stdout, exitCode } = await cli(["validate", "-f", path, "-o", "json"]);
  expect(exitCode).toBe(2);
  const value = JSON.parse(stdout);
  expect(value.documents).toEqual([
    { file: path, index: 0, apiVersion: "tekton.dev/v1", kind: "Task", name: "hello", namespace: null, valid: false },
  ]);
  const [first] = value.diagnostics;
  expect(Object.keys(first)).toEqual("code severity message path file line column endLine endColumn hint".split(" "));
  expect(first).toMatchObject({
    code: "field.unknown",
    severity: "error",
    path: "spec.steps[0].imagge",
    file: path,
    line: 6,
  });
});

test("validate shows the place with a caret, a hint and a count", async () => {
  const path = file("wrong.yaml", task.replace("image: alpine", "imagge: alpine"));
  const { stdout } = await cli(["validate", path]);
  expect(stdout).toContain(`${path}:6:`);
  expect(stdout).toMatch(/\^{6}/u);
  expect(stdout).toMatch(/1 document: \d errors?, 0 warnings$/u);
  const { stdout: github } = await cli(["validate", path, "-o", "github"]);
  expect(github).toMatch(/^::error file=.*wrong\.yaml,line=6,/u);
});

const run = `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { name: build }
spec: { pipelineRef: { name: elsewhere } }
`;

test("what may be in the cluster is a warning for validate, an error with --strict, and for run", async () => {
  const path = file("run.yaml", run);
  expect(await cli(["validate", path])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("warning[pipeline.missing]"),
  });
  expect(await cli(["validate", path, "--strict"])).toMatchObject({ exitCode: 2 });
  expect(await cli(["run", "-f", path])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("error[pipeline.missing]"),
  });
});

test("the plan of the main pipeline names its tasks, images and workspaces, as text, names, JSON and a chart", async () => {
  const args = ["plan", "-f", "fixtures/build-image", "--catalog", "fixtures/catalog"];
  const [text, names, json, chart] = await Promise.all(
    [[], ["-o", "name"], ["-o", "json"], ["-o", "mermaid"]].map((more) => cli([...args, ...more])),
  );
  expect(text?.stdout).toContain("build-push-image (Task buildah) after fetch-repository");
  expect(text?.stderr).toContain("note[catalog.chosen]");
  expect(names?.stdout).toBe("fetch-repository\nbuild-push-image");
  expect(JSON.parse(json?.stdout ?? "")).toMatchObject({
    kind: "PipelineRun",
    tasks: [
      { name: "fetch-repository", after: [] },
      { name: "build-push-image", after: ["fetch-repository"] },
    ],
  });
  expect(chart?.stdout).toMatch(/^flowchart TD\n/u);
});

test("an image map is read from arguments and files, comments aside", async () => {
  const map = file(
    "map",
    "# comment\n\ndocker.io/library/other=x:1 # not this\ndocker.io/library/alp*=mirror.example/alpine:3\n",
  );
  const { stdout } = await cli(["plan", "-f", "-", "-p", "who=me", "--image-map", map], { input: task });
  expect(stdout).toContain("mirror.example/alpine:3");
});

const withSecret = `${task.replace("script: 'echo $(params.who)'", "script: 'echo $TOKEN', env: [{ name: TOKEN, valueFrom: { secretKeyRef: { name: api, key: TOKEN } } }]")}
`;

test("a secret comes from a variable or a file, and no plan shows it", async () => {
  const env = { TOKEN: "hunter2-and-more" };
  const secret = file("token", "hunter2-and-more");
  const args = ["plan", "-f", "-", "-p", "who=me", "--pods", "--secret"];
  for (const flag of ["api=env:TOKEN", `api.TOKEN=${secret}`]) {
    for (const format of ["text", "json", "yaml"]) {
      const { stdout, stderr, exitCode } = await cli([...args, flag, "-o", format], { input: withSecret, env });
      expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toContain("***");
      expect(stdout + stderr).not.toContain("hunter2");
    }
  }
  const missing = await cli(["plan", "-f", "-", "-p", "who=me"], { input: withSecret });
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("error[secret.missing]") });
});

test("a dry run prints the run as it would be made, with its flags, and runs nothing", async () => {
  const args = [
    "run",
    "-f",
    "-",
    "-p",
    "who=me",
    "-l",
    "team=a,stage=b",
    "-s",
    "bot",
    "--timeout",
    "5m",
    "--dry-run",
    "-o",
    "json",
  ];
  const account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: { name: bot }\n";
  const { stdout, stderr, exitCode } = await cli(args, { input: task + account });
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    kind: "TaskRun",
    metadata: { labels: { team: "a", stage: "b" } },
    spec: { params: [{ name: "who", value: "me" }], serviceAccountName: "bot", timeout: "5m" },
  });
});

test("colour is for terminals, or where it is asked for", async () => {
  const path = file("wrong.yaml", task.replace("image: alpine", "imagge: alpine"));
  const coloured = "\u001b[";
  expect((await cli(["validate", path])).stdout).not.toContain(coloured);
  expect((await cli(["validate", path], { env: { FORCE_COLOR: "1" } })).stdout).toContain(coloured);
  expect((await cli(["validate", path], { env: { FORCE_COLOR: "0" } })).stdout).not.toContain(coloured);
});

test("a reader that goes away ends it without a word", async () => {
  const { stderr, exitCode } = await execa("bash", ["-c", `set -o pipefail; '${lapcat}' run --help | head -1`], {
    reject: false,
  });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
});

test("bash completes commands, options and choices, and its script comes from the command tree", async () => {
  const { stdout: script } = await cli(["completion", "bash"]);
  const complete = async (...words: readonly string[]): Promise<string> => {
    const line = words.map((word) => `'${word}'`).join(" ");
    const ask = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _lapcat; echo "\${COMPREPLY[@]}"`;
    return (await execa("bash", ["-c", ask])).stdout;
  };
  expect(await complete("lapcat", "va")).toBe("validate");
  expect(await complete("lapcat", "run", "--doc")).toBe("--docker-config");
  expect(await complete("lapcat", "run", "-o", "")).toBe("text json yaml name");
  expect(await complete("lapcat", "completion", "z")).toBe("zsh");
});

test("bash completes the names of runs", async () => {
  const { stdout: script } = await cli(["completion", "bash"]);
  const runs = join(home, "lapcat", "runs", "kept-run");
  await execa("mkdir", ["-p", runs]);
  writeFileSync(join(runs, "run.yaml"), "");
  const ask = `${script}\nCOMP_WORDS=('${lapcat}' logs k); COMP_CWORD=2; _lapcat; echo "\${COMPREPLY[@]}"`;
  const { stdout } = await execa("bash", ["-c", ask], { env: { LAPCAT_HOME: join(home, "lapcat") } });
  expect(stdout).toBe("kept-run");
  rmSync(runs, { recursive: true });
});

test("prune leaves what ended since, and refuses a time that is none", async () => {
  const ended = (name: string, ago: number): string => {
    const directory = join(home, "prune/runs", name);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "run.yaml"), "");
    const at = new Date(Date.now() - ago).toISOString();
    const event = { type: "run.finished", status: "True", reason: "Succeeded", message: "", results: [] };
    const started = { type: "run.started", kind: "TaskRun", name, namespace: "default", uid: "u", lapcat: "0" };
    const lines = [started, event].map((each, seq) => JSON.stringify({ v: 1, seq, at, event: each }));
    writeFileSync(join(directory, "events.ndjson"), `${lines.join("\n")}\n`);
    return name;
  };
  const [old, fresh] = [ended("old", 2 * 3_600_000), ended("fresh", 60_000)];
  const env = { LAPCAT_HOME: join(home, "prune") };
  expect(await cli(["prune", "--older-than", "soon"], { env })).toEqual({
    stdout: "",
    stderr: 'error[usage] --older-than "soon" is not a duration\n hint: write 90m or 24h',
    exitCode: 2,
  });
  expect((await cli(["prune", "--older-than", "1h"], { env })).stdout).toBe(`run ${old}`);
  expect((await cli(["ls", "-o", "name"], { env })).stdout).toBe(fresh);
});

test.for(["zsh", "fish"])("completion for %s names every command", async (shell) => {
  const { stdout, exitCode } = await cli(["completion", shell]);
  expect(exitCode).toBe(0);
  for (const command of ["run", "validate", "prune", "doctor"]) expect(stdout).toContain(command);
});
