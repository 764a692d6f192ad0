import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEngines, openEngine, type PlacementChoice } from "../../packages/engine-docker/src/index.ts";
import { promises, type Capability, type ContractContext } from "../../packages/engine/src/contract.ts";
import { claim as claimOf, mount, podOf, printed, secured, step } from "../../packages/engine/src/contract/setting.ts";
import { asContainerName, asRunId, type Clock, type Engine, type RunId } from "../../packages/engine/src/index.ts";
import { contractImages, makeContractImages, run, type EngineClient } from "./contract-images.ts";

const root = join(import.meta.dirname, "../..");
const podmanConf = join(root, ".tools/podman/containers.conf");

interface Subject {
  readonly choice: "docker" | "podman";
  readonly placement: PlacementChoice;
  readonly client: EngineClient;
}

const confEnv: Record<string, string> = existsSync(podmanConf) ? { CONTAINERS_CONF: podmanConf } : {};
const clients = {
  docker: { command: "docker", env: {} },
  podman: { command: "podman", env: confEnv },
} as const;
const subjects: readonly Subject[] = [
  { choice: "docker", placement: "auto", client: clients.docker },
  { choice: "docker", placement: "archive", client: clients.docker },
  { choice: "podman", placement: "auto", client: clients.podman },
  { choice: "podman", placement: "archive", client: clients.podman },
];

async function absence({ choice, client }: Subject): Promise<string | undefined> {
  const findings = await findEngines({ env: { ...process.env, ...client.env }, choice });
  if (!findings.some(({ verdict }) => ["answers", "startable"].includes(verdict.kind))) return `no ${choice} answers`;
  try {
    execFileSync(client.command, ["--version"]);
    return undefined;
  } catch {
    return `the ${client.command} command, which makes the test's images, is not installed`;
  }
}

/** Podman with control groups of version 1 limits memory, and tells that it ran out only to those who started its service. */
async function tellsOfMemory({ choice, client }: Subject): Promise<boolean> {
  const findings = await findEngines({ env: { ...process.env, ...client.env }, choice });
  if (!findings.some(({ verdict }) => verdict.kind === "answers")) return true;
  const name = `lapcat-contract-memory-${process.pid}`;
  await run(client, "run", "--name", name, "--memory=16m", contractImages.shell, "tail", "/dev/zero").catch(
    () => undefined,
  );
  const said = await run(client, "inspect", "--format={{.State.OOMKilled}}", name);
  await run(client, "rm", "-f", name);
  return said === "true";
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds) => {
    await pause(milliseconds);
  },
};

let runs = 0;
const own: RunId[] = [];
function freshRun(): RunId {
  const fresh = asRunId(`contract-${process.pid}-${runs++}`);
  own.push(fresh);
  return fresh;
}

const missing = await Promise.all(subjects.map(absence));

for (const [index, subject] of subjects.entries()) {
  const { choice, placement, client } = subject;
  const reason = missing[index];
  const title = `${choice}, placement ${placement}`;
  // Podman is the second engine: a machine for checking need not have it.
  const demanded = process.env["CI"] === "true" && choice === "docker";
  if (reason !== undefined) process.stderr.write(`SKIPPED: the engine contract on ${title}: ${reason}\n`);
  test.runIf(demanded)(`there is an engine for the contract on ${title}`, () => {
    expect(reason).toBeUndefined();
  });

  describe.skipIf(reason !== undefined)(`the engine contract on ${title}`, () => {
    let engine: Engine;
    const hostDirectory = mkdtempSync(join(tmpdir(), "lapcat-contract-host-"));
    const can = new Set<Capability>(["programs", "privileged", "host-directory"]);
    const context: ContractContext = {
      images: contractImages,
      can,
      clock: systemClock,
      hostDirectory,
      freshRun,
      removeClaim: async (claim) => {
        await run(client, "volume", "rm", "-f", `lapcat-claim-${claim}`);
      },
    };

    beforeAll(async () => {
      await makeContractImages(client);
      if (await tellsOfMemory(subject)) can.add("memory-limit");
      engine = await openEngine(choice, { env: { ...process.env, ...client.env }, placement });
    });

    test("it says who it is", async () => {
      expect(await engine.probe(new AbortController().signal)).toMatchObject({
        kind: choice,
        platform: expect.stringMatching(/^linux\//u),
      });
    });

    // Side by side: each has a run of its own, and waits for the engine most of the time.
    test.concurrent.for(promises)("$name", async (promise, { expect, skip }) => {
      const lacking = promise.needs.filter((need) => !can.has(need));
      if (lacking.length > 0) skip(`${title} on this machine: ${lacking.join(", ")}`);
      await expect(promise.check(engine, context)).resolves.toBeUndefined();
    });

    test("what a lapcat that was killed left under a name makes room, what is not of that run does not", async () => {
      const name = asContainerName("step-only");
      const spec = podOf(freshRun(), "left", [step({ images: contractImages }, name, "true")]);
      const left = (of: RunId): Promise<string> =>
        run(
          client,
          "create",
          `--name=lapcat-${spec.run}-${spec.name}-${name}`,
          `--label=dev.lapcat.run=${of}`,
          contractImages.shell,
        );
      await left(spec.run);
      const pod = await engine.open(spec, new AbortController().signal);
      await pod[Symbol.asyncDispose]();
      const others = await left(freshRun());
      await expect(engine.open(spec, new AbortController().signal)).rejects.toMatchObject({
        diagnostic: { code: "engine.refused" },
      });
      expect(await run(client, "inspect", "--format={{.Id}}", others.trim())).toBe(others);
      await run(client, "rm", "-f", others.trim());
    });

    test.runIf(placement === "auto")(
      "a claim's volume that was made and not opened before a kill is opened",
      async () => {
        const claim = `contract-unopened-${process.pid}`;
        await run(client, "volume", "create", `--label=dev.lapcat.claim=${claim}`, `lapcat-claim-${claim}`);
        try {
          const more = { mounts: [mount("data", "/data")], security: secured({ user: 1000 }) };
          const script = "echo x > /data/x && echo written";
          const said = await printed(engine, context, "unopened", script, more, [claimOf("data", claim, "kept")]);
          expect(said).toBe("written\n");
        } finally {
          await run(client, "volume", "rm", "-f", `lapcat-claim-${claim}`);
        }
      },
    );

    afterAll(async () => {
      const left = await engine.leftovers();
      await Promise.all(own.filter((each) => left.includes(each)).map((each) => engine.sweep(each)));
      await engine.close();
      rmSync(hostDirectory, { recursive: true });
    });
  });
}

describe.skipIf(missing[0] !== undefined)("an engine that dies", () => {
  test("ends the output and rejects the wait, and everything after it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "lapcat-dying-"));
    const path = join(directory, "engine.sock");
    const connections = new Set<Socket>();
    const findings = await findEngines({ env: process.env, choice: "docker" });
    const real = findings.find(({ verdict, address }) => verdict.kind === "answers" && address.startsWith("unix://"));
    if (real === undefined) throw new Error("this test needs an engine with a socket");
    const proxy = createServer((client) => {
      const engine = connect(real.address.slice("unix://".length));
      for (const each of [client, engine]) connections.add(each.on("error", () => undefined));
      client.pipe(engine).pipe(client);
    });
    await new Promise<void>((resolve) => proxy.listen(path, resolve));
    const run = freshRun();
    const signal = new AbortController().signal;
    try {
      const engine = await openEngine(`unix://${path}`, { env: process.env });
      const name = asContainerName("step-only");
      const pod = await engine.open(
        podOf(run, "dying", [step({ images: contractImages }, name, "echo alive; sleep 600")]),
        signal,
      );
      await pod.start(name);
      const waiting = pod.wait(name, signal).catch((cause: unknown) => cause);
      let output = "";
      for await (const { bytes } of pod.logs(name)) {
        output += Buffer.from(bytes).toString();
        proxy.close();
        for (const each of connections) each.destroy();
      }
      expect(output).toBe("alive\n");
      expect(await waiting).toMatchObject({ diagnostic: { code: "engine.lost" } });
      await expect(engine.sweep(run)).rejects.toMatchObject({ diagnostic: { code: "engine.lost" } });
      await expect(engine.probe(signal)).rejects.toMatchObject({ diagnostic: { code: "engine.none" } });
    } finally {
      const engine = await openEngine("docker", { env: process.env });
      await engine.sweep(run);
      await engine.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
