// What goes wrong for a user: each with its exit code, its message with the place, and nothing left behind.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { docker, dockerSocket } from "./support/clients.ts";
import { type Ended, type Home, succeeded, temporaryHome } from "./support/lapcat.ts";
import { fixtureCatalog, mainJob, type Servers } from "./support/main-job.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { type Proxy, proxyTo } from "./support/proxy.ts";
import { servicesOn } from "./support/services.ts";
import { listIn, pipelineRunOf, taskRunOf, type TaskRunObject } from "./support/status.ts";

const busybox = "docker.io/library/busybox:latest";
/** Begins the name of every run here: so nothing of another run is taken for ours. */
const mine = `bad-${process.pid}-`;
const pipelineRun = (tasks: string, more = ""): string => `apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: {generateName: ${mine}}
spec:
${more}  pipelineSpec:
    tasks:
${tasks}`;
const taskRun = (taskSpec: string, more = ""): string => `apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {generateName: ${mine}}
spec:
${more}  taskSpec:
${taskSpec}`;
const buildTask = `---
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build-app}
spec:
  params: [{name: target}]
  workspaces: [{name: source}]
  steps: [{name: build, image: ${busybox}, script: echo built}]
`;
const aliasBomb = `a: &a [x, x, x, x, x, x, x, x, x]
${"bcdefghij".replace(/./gu, (letter) => {
  const before = String.fromCharCode(letter.charCodeAt(0) - 1);
  return `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${before}`).join(", ")}]\n`;
})}`;

interface Refusal {
  readonly document: string;
  readonly args?: readonly string[];
  /** The first line of the message, with its code. */
  readonly says: RegExp;
  /** Line and column of the document. */
  readonly at?: string;
  readonly hint?: RegExp;
}

const refusals: Readonly<Record<string, Refusal>> = {
  "a Task that does not exist": {
    document: pipelineRun("      - {name: one, taskRef: {name: nowhere}}\n"),
    says: /error\[task\.missing\] .*nowhere/u,
    at: "7:37",
  },
  "a Task's name that differs by one letter": {
    document: pipelineRun("      - {name: one, taskRef: {name: buid-app}}\n") + buildTask,
    says: /error\[task\.missing\] .*buid-app/u,
    at: "7:37",
    hint: /did you mean "?build-app/iu,
  },
  "a param without a value": {
    document:
      pipelineRun(
        "      - {name: one, taskRef: {name: build-app}, workspaces: [{name: source, workspace: w}]}\n",
        "  workspaces: [{name: w, emptyDir: {}}]\n",
      ).replace("    tasks:", "    workspaces: [{name: w}]\n    tasks:") + buildTask,
    says: /error\[param\.missing\] .*target/u,
  },
  "a param given by nearly its name": {
    document: buildTask,
    args: ["-p", "tagret=x", "-w", "name=source,emptyDir="],
    says: /warning\[param\.unknown\] .*tagret[^]*error\[param\.missing\] .*target/u,
    hint: /did you mean target/u,
  },
  "a workspace that is not bound": {
    document:
      pipelineRun("      - {name: one, taskRef: {name: build-app}, params: [{name: target, value: x}]}\n") + buildTask,
    says: /error\[workspace\.missing\] .*source/u,
  },
  "tasks that wait for one another": {
    document: pipelineRun(
      ["one", "two"]
        .map(
          (name, index, all) =>
            `      - {name: ${name}, runAfter: [${all[1 - index]}], taskSpec: {steps: [{image: ${busybox}}]}}\n`,
        )
        .join(""),
    ),
    says: /error\[pipeline\.cycle\] /u,
  },
  "a field that does not exist": {
    document: taskRun(`    stpes: [{image: ${busybox}}]\n`),
    says: /error\[field\.unknown\] .*stpes/u,
    at: "6:5",
    hint: /did you mean "?steps/iu,
  },
  "a text that is not YAML": {
    document: "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: open\nspec: {}\n",
    says: /error\[yaml\.syntax\] /u,
  },
  "aliases that expand to billions": { document: aliasBomb, says: /error\[yaml\.alias\] /u },
  "a subPath of a workspace that leads out": {
    document: taskRun(
      `    workspaces: [{name: w}]\n    steps: [{image: ${busybox}, script: ls}]\n`,
      "  workspaces: [{name: w, subPath: ../.., emptyDir: {}}]\n",
    ),
    says: /error\[path\.escape\] .*\.\.\/\.\./u,
  },
  "a subPath of a mount that leads out": {
    document: taskRun(
      `    volumes: [{name: v, emptyDir: {}}]\n    steps: [{image: ${busybox}, script: ls, volumeMounts: [{name: v, mountPath: /v, subPath: ../..}]}]\n`,
    ),
    says: /error\[path\.escape\] .*\.\.\/\.\./u,
  },
  "a Secret that is not there": {
    document: taskRun(
      `    steps: [{image: ${busybox}, script: env, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: tokens, key: t}}}]}]\n`,
    ),
    says: /error\[secret\.missing\] .*tokens/u,
  },
};

const anything = /(?:)/u;

/** The document as it was given stands in the message with line and column. */
function expectRefused({ code, stdout, stderr }: Ended, { says, at, hint }: Refusal): void {
  expect(stderr).toMatch(says);
  expect(stderr).toContain(at === undefined ? "" : `.yaml:${at}: `);
  expect(stderr).toMatch(hint ?? anything);
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

describe("what is refused before anything runs, without an engine", () => {
  let home: Home;
  /** Were an engine asked, the exit code would be 3. */
  let noEngine: { readonly DOCKER_HOST: string };
  beforeAll(() => {
    home = temporaryHome();
    noEngine = { DOCKER_HOST: `unix://${join(home.directory, "dead.sock")}` };
  });
  afterAll(() => home.remove());

  test.for(Object.entries(refusals))("%s", async ([, refusal]) => {
    const file = home.file("run.yaml", refusal.document);
    expectRefused(await home.lapcatWith(noEngine, "run", "-f", file, ...(refusal.args ?? [])), refusal);
    expect(home.runs()).toEqual([]);
  });

  test("a file of 50 MB is refused at once", async () => {
    const huge = join(home.directory, "huge.yaml");
    writeFileSync(huge, "# nothing but comments, line after line after line\n".repeat(1_000_000));
    const started = performance.now();
    expectRefused(await home.lapcatWith(noEngine, "run", "-f", huge), {
      document: "",
      says: /huge\.yaml.* error\[file\.too-large\] |error\[file\.too-large\] .*huge\.yaml/u,
    });
    expect(performance.now() - started).toBeLessThan(5000);
    rmSync(huge);
  });

  test("no engine", async () => {
    const document = taskRun(`    steps: [{name: one, image: ${busybox}, script: echo ran}]\n`);
    const { code, stdout, stderr } = await home.lapcatWith(noEngine, "run", "-f", home.file("run.yaml", document));
    expect(stderr).toMatch(/^error\[engine\.none\] .*dead\.sock/mu);
    expect(stderr).toMatch(/hint: .*lapcat doctor/u);
    expect(stdout).toBe("");
    expect(code).toBe(3);
  });
});

describeWith("what goes wrong on an engine", await absenceOf(docker, busybox), "in CI", () => {
  let home: Home;
  let servers: Servers;
  beforeAll(async () => {
    home = temporaryHome();
    servers = await servicesOn(docker);
  });
  const expectNothingLeft = async (): Promise<void> => {
    expect(await leftIn(docker, (run) => run.startsWith(mine) || home.runs().includes(run))).toEqual([]);
  };
  afterEach(expectNothingLeft);
  afterAll(() => home?.remove());

  const run = (document: string, ...args: readonly string[]): Promise<Ended> =>
    home.lapcat("run", "-f", home.file("run.yaml", document), ...args);

  test("an image that cannot be pulled, of the last step: nothing ran", async () => {
    const document = taskRun(
      `    steps:\n      - {name: first, image: ${busybox}, script: echo it ran}\n      - {name: last, image: "127.0.0.1:1/no/such:image"}\n`,
    );
    const { code, stdout, stderr } = await run(document);
    expect(stderr).toMatch(/^\S+:\d+:\d+: error\[image\.unavailable\] .*127\.0\.0\.1:1\/no\/such:image/mu);
    expect(stdout).not.toContain("it ran");
    expect(code).toBe(3);
  });

  test("a private image of a step: the wrong password, and the right one", async () => {
    const { localHost, username, password, dockerConfigFile } = servers.registry;
    const image = `${localHost}/base/node:24-alpine`;
    const document = taskRun(`    steps: [{name: only, image: "${image}", command: [echo, it ran]}]\n`);
    try {
      const wrong = await run(document, "--docker-config", dockerConfig(home, localHost, username, "wrong-password"));
      expect(wrong.stderr).toMatch(new RegExp(`^\\S+:\\d+:\\d+: error\\[image\\.unauthorized\\] .*${image}`, "mu"));
      expect(wrong.stdout).not.toContain("it ran");
      expect(wrong.code).toBe(3);
      const right = succeeded(await run(document, "--docker-config", dockerConfigFile));
      expect(right.stdout).toContain("it ran");
      expect(right.stderr + right.stdout).not.toContain(password);
    } finally {
      await remove(image);
    }
  });

  test("the wrong password for the registry that is pushed to", async () => {
    const { registry } = servers;
    const wrong = {
      ...servers,
      registry: {
        ...registry,
        dockerConfigFile: dockerConfig(home, registry.host, registry.username, "wrong-password"),
      },
    };
    const { code, stdout, stderr } = await home.lapcat(
      "run",
      ...mainJob(wrong, `${registry.host}/refused:latest`, "--catalog", fixtureCatalog),
      "-o",
      "json",
    );
    const failed = taskRunOf(listIn(stdout), "build-push-image");
    expect(failed.status.conditions).toMatchObject([
      {
        status: "False",
        reason: "StepFailed",
        message: expect.stringMatching(/^"step-(?:build|push)" exited with code \d+: Error$/u),
      },
    ]);
    expect(pipelineRunOf(listIn(stdout)).status.conditions).toMatchObject([{ status: "False", reason: "Failed" }]);
    expect(stderr).toMatch(/\[build-push-image : (?:build|push)\] .*(?:unauthorized|authentication required)/iu);
    expect(stderr + stdout + home.kept()).not.toContain("wrong-password");
    expect(code).toBe(1);
  });

  interface Failure {
    readonly taskSpec: string;
    readonly more?: string;
    readonly reason: string;
    readonly message: RegExp;
    readonly steps: readonly unknown[];
    readonly says?: RegExp;
  }
  const after = `      - {name: after, image: ${busybox}, script: echo never}\n`;
  const skipped = { name: "after", terminated: { exitCode: 1, reason: "Error" }, terminationReason: "Skipped" };
  const failures: Readonly<Record<string, Failure>> = {
    "a step that exits 3": {
      taskSpec: `    steps:\n      - {name: three, image: ${busybox}, script: exit 3}\n${after}`,
      reason: "StepFailed",
      message: /^"step-three" exited with code 3: Error$/u,
      steps: [{ name: "three", terminated: { exitCode: 3, reason: "Error" }, terminationReason: "Error" }, skipped],
    },
    "a step that takes more memory than it may": {
      taskSpec: `    steps:\n      - {name: eat, image: ${busybox}, computeResources: {limits: {memory: 32Mi}}, command: [dd, if=/dev/zero, of=/dev/null, bs=256M, count=1]}\n${after}`,
      reason: "StepOOM",
      message: /^"step-eat" exited with code 137: OOMKilled$/u,
      steps: [{ name: "eat", terminated: { exitCode: 137, reason: "OOMKilled" } }, skipped],
    },
    "a command that is not in the image": {
      taskSpec: `    steps:\n      - {name: absent, image: ${busybox}, command: [/no/such/program]}\n${after}`,
      reason: "StepFailed",
      message: /^"step-absent" exited with code \d+: /u,
      steps: [{ name: "absent", terminated: { message: expect.stringContaining("/no/such/program") } }, skipped],
      says: /^\[absent\] .*\/no\/such\/program.*(?:no such file|not found)/mu,
    },
    "a workspace that is full": {
      taskSpec: `    workspaces: [{name: small}]\n    steps:\n      - {name: fill, image: ${busybox}, script: "dd if=/dev/zero of=$(workspaces.small.path)/file bs=1M count=8"}\n${after}`,
      more: "  workspaces: [{name: small, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]\n",
      reason: "StepFailed",
      message: /^"step-fill" exited with code 1: Error$/u,
      steps: [{ name: "fill", terminated: { exitCode: 1, reason: "Error" } }, skipped],
      says: /^\[fill\] .*No space left on device/mu,
    },
  };

  test.for(Object.entries(failures))("%s", async ([, { taskSpec, more, reason, message, steps, says }]) => {
    const { code, stdout, stderr } = await run(taskRun(taskSpec, more), "-o", "json");
    const { status }: TaskRunObject = taskRunOf(listIn(stdout));
    expect(status.conditions).toMatchObject([
      {
        type: "Succeeded",
        status: "False",
        reason,
        message: expect.stringMatching(message),
      },
    ]);
    expect(status.steps).toMatchObject(steps);
    expect(stderr).toMatch(says ?? anything);
    expect(stderr).not.toMatch(/^\[after\] /mu);
    expect(code).toBe(1);
  });
});

const socketAbsence = dockerSocket === undefined ? "Docker is not at a socket of this machine" : undefined;
describeWith("an engine that dies half-way", (await absenceOf(docker, busybox)) ?? socketAbsence, "in CI", () => {
  let home: Home;
  let proxy: Proxy | undefined;
  beforeAll(() => {
    home = temporaryHome();
  });
  afterAll(async () => {
    await proxy?.close();
    home.remove();
  });

  test("is told as such; the next command removes what was left, and the run is shown as interrupted", async () => {
    const path = join(home.directory, "engine.sock");
    proxy = await proxyTo(dockerSocket ?? "", { path });
    const env = { DOCKER_HOST: `unix://${path}` };
    const document = taskRun(
      `    steps:\n      - {name: long, image: ${busybox}, script: echo it is up; sleep 100}\n      - {name: after, image: ${busybox}, script: echo never}\n`,
    );
    const going = home.start(env, "run", "-f", home.file("run.yaml", document));
    await going.says("it is up");
    await proxy.close();
    const { code, stderr } = await going.ended;
    expect(stderr).toMatch(/^error\[engine\.lost\] /mu);
    expect(code).toBe(3);
    const isMine = (run: string): boolean => home.runs().includes(run);
    expect(home.runs()).toHaveLength(1);
    expect(await leftIn(docker, isMine)).not.toEqual([]);

    const whileGone = await home.lapcatWith(env, "ls");
    expect(whileGone.stderr).toMatch(/warning\[engine\.none\] what interrupted runs left could not be removed/u);
    expect(whileGone.code).toBe(0);

    if (existsSync(path)) rmSync(path);
    proxy = await proxyTo(dockerSocket ?? "", { path });
    const next = await home.lapcatWith(env, "ls");
    expect(next.stderr).toMatch(
      new RegExp(`removed what the interrupted run ${home.runs()[0]} left running: \\d container`, "u"),
    );
    expect(next.stdout).toMatch(/interrupted/iu);
    expect(await leftIn(docker, isMine)).toEqual([]);
    expect((await home.lapcatWith(env, "ls")).stderr).toBe("");
  });
});

function dockerConfig(home: Home, registry: string, username: string, password: string): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return home.file("docker/config.json", JSON.stringify({ auths: { [registry]: { auth } } }));
}

async function remove(image: string): Promise<void> {
  const { run: client } = await import("./contract-images.ts");
  await client(docker, "rmi", "-f", image);
}
