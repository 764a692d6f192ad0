// lapcat killed at random moments: one later command removes all that it left, and nothing else.
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineClient } from "./contract-images.ts";
import { docker, podman } from "./support/clients.ts";
import { type Home, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";

const image = "docker.io/library/busybox:latest";
const mine = `no-trace-${process.pid}-`;

/** Everything that makes something in an engine: parallel tasks, a claim and a part of it, files, secrets, memory, a sidecar, privileged. */
function documentOf(name: string, ownVolume: string): string {
  const step = (script: string, more: object = {}): object => ({ name: "only", image, script, ...more });
  const workspaces = [{ name: "shared" }];
  const task = (name: string, more: object, spec: object): object => ({
    name,
    workspaces: [{ name: "shared" }],
    ...more,
    taskSpec: { workspaces, ...spec },
  });
  const documents = [
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config" }, data: { key: "value" } },
    { apiVersion: "v1", kind: "Secret", metadata: { name: "secret" }, stringData: { key: "a-secret-value" } },
    {
      apiVersion: "tekton.dev/v1",
      kind: "PipelineRun",
      metadata: { name },
      spec: {
        workspaces: [
          {
            name: "shared",
            volumeClaimTemplate: {
              spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } },
            },
          },
        ],
        pipelineSpec: {
          workspaces,
          tasks: [
            task(
              "write",
              {},
              { steps: [step("mkdir -p $(workspaces.shared.path)/part; echo x > $(workspaces.shared.path)/part/f")] },
            ),
            task(
              "files",
              { runAfter: ["write"] },
              {
                volumes: [
                  { name: "config", configMap: { name: "config" } },
                  { name: "secret", secret: { secretName: "secret" } },
                  { name: "quick", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
                ],
                steps: [
                  step("cat /config/key /secret/key; echo x > /quick/f; sleep 0.3", {
                    volumeMounts: ["config", "secret", "quick"].map((each) => ({ name: each, mountPath: `/${each}` })),
                  }),
                ],
              },
            ),
            task(
              "part",
              { runAfter: ["write"], workspaces: [{ name: "shared", subPath: "part" }] },
              {
                sidecars: [{ name: "beside", image, script: "sleep 60" }],
                steps: [step("cat $(workspaces.shared.path)/f; sleep 0.3", { securityContext: { privileged: true } })],
              },
            ),
            task("volume", { runAfter: ["write"] }, { steps: [{ name: "only", image: ownVolume, command: ["true"] }] }),
          ],
        },
      },
    },
  ];
  return documents.map((each) => JSON.stringify(each)).join("\n---\n");
}

/** A sequence that is the same every time. */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function onClient(client: EngineClient, kills: number, abreast: number): void {
  const ownVolume = `lapcat.dev/no-trace-${process.pid}:1`;
  const engine = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await execa(client.command, args, { env: client.env })).stdout.split("\n").filter((line) => line !== "");
  const idOf = (index: number): string => `${mine}${client.command}-${index}`;
  const decoyLabels: Readonly<Record<string, readonly string[]>> = {
    "lapcat-foo": [],
    [`lapcat-${idOf(0)}-step-only`]: [],
    [`lapcat-${idOf(1)}-misspelt`]: ["--label", `lapcat.dev/run=${idOf(1)}`, "--label", `dev.lapcat.runs=${idOf(1)}`],
    [`lapcat-${idOf(2)}-longer`]: ["--label", `dev.lapcat.run=${idOf(2)}x`],
    "lapcat-of-another": ["--label", `dev.lapcat.run=somebody-${process.pid}`],
    "lapcat-no-id": ["--label", `dev.lapcat.run=../../${idOf(3)}`],
    "compose-like": ["--label", "com.docker.compose.project=lapcat"],
  };
  const decoys = Object.keys(decoyLabels).map((name) => `${name}-${process.pid}`);
  const directory = join(tmpdir(), `lapcat-${process.getuid?.() ?? -1}`, `${idOf(2)}x`);
  let home: Home;
  beforeAll(async () => {
    home = temporaryHome({ ...client.env, LAPCAT_ENGINE: client.command });
    await engine("create", "--name", `maker-${process.pid}`, image);
    await engine("commit", "--change", "VOLUME /data", `maker-${process.pid}`, ownVolume);
    await engine("rm", `maker-${process.pid}`);
    for (const [index, labels] of Object.values(decoyLabels).entries()) {
      const name = decoys[index] ?? "";
      await engine("create", "--name", name, ...labels, image);
      await engine("volume", "create", ...labels, name);
      await engine("network", "create", ...labels, name);
    }
    mkdirSync(directory, { recursive: true });
  });
  afterAll(async () => {
    await engine("rm", "-f", ...decoys);
    await engine("volume", "rm", ...decoys);
    await engine("network", "rm", ...decoys);
    await engine("rmi", ownVolume);
    rmSync(directory, { recursive: true, force: true });
    home?.remove();
  });
  const ours = (line: string): boolean => line.includes(mine) || decoys.some((each) => line.includes(each));
  const surroundings = async (): Promise<object> => ({
    containers: (await engine("ps", "--all", "--format", "{{.Names}}")).filter(ours).toSorted(),
    networks: (await engine("network", "ls", "--format", "{{.Name}}")).filter(ours).toSorted(),
    volumes: (await engine("volume", "ls", "--format", "{{.Name}}")).filter(ours).toSorted(),
    anonymousVolumes: (await engine("volume", "ls", "--quiet"))
      .filter((each) => /^[0-9a-f]{64}$/u.test(each))
      .toSorted(),
    anonymousImages: (await engine("images", "--quiet", "--filter", "dangling=true")).toSorted(),
    directory: existsSync(directory),
  });

  test(`after ${kills} kills and one sweep nothing of ours is left, and all that only looks like it is`, async () => {
    const before = await surroundings();
    const random = randomness(20_261_122);
    // One in six is killed while it starts, the others somewhere in their run, however slow the machine is.
    const moments = Array.from({ length: kills }, (_, index) => ({
      index,
      early: index % 6 === 5,
      after: random() * 3500,
    }));
    let killed = 0;
    const worker = async (): Promise<void> => {
      for (let next = moments.shift(); next !== undefined; next = moments.shift()) {
        const file = home.file(`run-${next.index}.yaml`, documentOf(idOf(next.index), ownVolume));
        const going = home.start({}, "run", "-f", file, "--pull", "missing");
        const ended = going.ended.then(
          () => "ended",
          () => "killed",
        );
        let isOver = false;
        void ended.then(() => (isOver = true));
        while (!next.early && !isOver && !home.runs().includes(idOf(next.index))) await pause(20);
        await Promise.race([ended, pause(next.after)]);
        going.kill("SIGKILL");
        if ((await ended) === "killed") killed += 1;
      }
    };
    await Promise.all(Array.from({ length: abreast }, worker));
    expect(killed).toBeGreaterThan(kills / 3);
    // A request that was under way when its sender died is still answered.
    await pause(1500);
    const sweep = await home.lapcat("ls");
    expect(sweep.stderr).toContain("removed what the interrupted run");
    const runs = home.runs();
    expect(runs.length).toBeGreaterThan(0);
    expect(await home.lapcat("rm", ...runs)).toMatchObject({ code: 0 });
    expect(await leftIn(client, (run) => run.startsWith(mine) && run !== `${idOf(2)}x`)).toEqual([]);
    expect(await surroundings()).toEqual(before);
  });
}

describeWith("runs that are killed, on docker", await absenceOf(docker, image), "in CI", () => onClient(docker, 30, 3));
describeWith("runs that are killed, on podman", await absenceOf(podman, image), "where it is", () =>
  onClient(podman, 6, 2),
);
