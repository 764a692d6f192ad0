// Secret values: nowhere in what is shown, kept, or told of containers by an engine.
import { afterAll, expect, test } from "vitest";
import { execa } from "execa";
import { docker } from "./support/clients.ts";
import { succeeded, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";

const image = "docker.io/library/busybox:latest";
const token = 'hunter2 "with" more/than+letters & ünïcode';
const password = "another-one-for-git-only";
const key = `-----BEGIN KEY-----\n${"first-line-of-the-key".repeat(2)}\n${"second-line-of-the-key".repeat(2)}\n-----END KEY-----\n`;

/** Everything by which the values could be recognised. */
const forms = [
  token,
  JSON.stringify(token).slice(1, -1),
  encodeURIComponent(token),
  Buffer.from(token).toString("base64").replace(/=+$/u, ""),
  password,
  Buffer.from(`bot:${password}`).toString("base64"),
  ...key.split("\n").filter((line) => line.includes("line-of")),
  ...(Buffer.from(key).toString("base64").match(/.{76}/gu) ?? []),
];

const documents = [
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "api" },
    stringData: { token, key },
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/basic-auth",
    metadata: { name: "git", annotations: { "tekton.dev/git-0": "https://git.example" } },
    stringData: { username: "bot", password },
  },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot" }, secrets: [{ name: "git" }] },
  {
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { generateName: "secrets-" },
    spec: {
      taskRunTemplate: { serviceAccountName: "bot" },
      pipelineSpec: {
        results: [{ name: "leaked", value: "$(tasks.read.results.leaked)" }],
        tasks: [
          {
            name: "read",
            taskSpec: {
              results: [{ name: "leaked" }],
              volumes: [{ name: "api", secret: { secretName: "api" } }],
              steps: [
                {
                  name: "print",
                  image,
                  volumeMounts: [{ name: "api", mountPath: "/api" }],
                  script: [
                    "cat /api/token; echo; cat /api/key; base64 /api/key; base64 < /api/token; cat $HOME/.git-credentials",
                    // A border within the value, and one within a line of the key.
                    "head -c 9 /api/token; sleep 0.3; tail -c +10 /api/token; echo",
                    "head -c 40 /api/key >&2; sleep 0.3; tail -c +41 /api/key >&2",
                    `printf '{"a":"%s"}\\n' "$(sed 's/"/\\\\"/g' /api/token)"`,
                    "cp /api/token $(results.leaked.path)",
                    "echo ready; sleep 4",
                  ].join("\n"),
                },
              ],
            },
          },
          {
            name: "use",
            params: [{ name: "given", value: "$(tasks.read.results.leaked)" }],
            taskSpec: {
              params: [{ name: "given" }],
              steps: [{ name: "print", image, command: ["echo"], args: ["got", "$(params.given)"] }],
            },
          },
          {
            name: "break",
            runAfter: ["use"],
            params: [{ name: "given", value: "$(tasks.read.results.leaked)" }],
            taskSpec: {
              params: [{ name: "given" }],
              steps: [{ name: "absent", image, command: ["$(params.given)"] }],
            },
          },
        ],
      },
    },
  },
];

describeWith("secret values", await absenceOf(docker, image), "in CI", () => {
  const home = temporaryHome();
  afterAll(() => home.remove());
  const file = home.file("run.yaml", documents.map((each) => JSON.stringify(each)).join("\n---\n"));
  const expectNone = (text: string): void => {
    for (const form of forms) expect(text).not.toContain(form);
  };

  test("are in no log, no line, no status, no record and no inspection, whichever way they went", async () => {
    const going = home.start({}, "run", "-f", file);
    await going.says("ready");
    const label = "label=dev.lapcat.run";
    const [containers, volumes] = await Promise.all([
      execa("docker", ["ps", "--all", "--quiet", "--filter", label]),
      execa("docker", ["volume", "ls", "--quiet", "--filter", label]),
    ]);
    const inspect = async (...args: readonly string[]): Promise<string> =>
      (await execa("docker", [...args], { reject: false })).stdout;
    const inspected = await inspect("inspect", ...containers.stdout.split("\n"));
    expect(inspected).toContain("read-pod");
    expectNone(inspected);
    if (volumes.stdout !== "") expectNone(await inspect("volume", "inspect", ...volumes.stdout.split("\n")));
    const run = await going.ended;
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("[use : print] got ***");
    expect(run.stdout).toMatch(/leaked +\*\*\*/u);
    expectNone(run.stdout + run.stderr);

    const readers = [
      ["logs", "last"],
      ["describe", "last"],
      ["describe", "last", "-o", "json"],
    ];
    for (const args of readers) {
      const { stdout, stderr } = succeeded(await home.lapcat(...args));
      expectNone(stdout + stderr);
    }
    expectNone(home.kept());
    expect(home.kept()).toContain("***");
    expect(await leftIn(docker, (each) => home.runs().includes(each))).toEqual([]);
  });

  test("are not in what -o json, a plan or a refusal says", async () => {
    const commands = [
      ["run", "-f", file, "-o", "json", "--junit", `${home.directory}/report.xml`],
      ["run", "-f", file, "--dry-run", "-o", "json"],
      ["plan", "-f", file, "--pods"],
      ["plan", "-f", file, "--pods", "-o", "json"],
      ["validate", "-f", file],
      ["run", "-f", file, "-p", "none=1", "-w", "name=none,emptyDir="],
    ];
    for (const args of commands) {
      const { stdout, stderr } = await home.lapcat(...args);
      expect(stdout + stderr).not.toBe("");
      expectNone(stdout + stderr);
    }
    expectNone(home.kept());
  });
});
