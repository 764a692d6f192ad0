import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEngines, openEngine, type PlacementChoice } from "../../packages/engine-docker/src/index.ts";
import { promises, type Capability, type ContractContext } from "../../packages/engine/src/contract.ts";
import { asRunId, type Clock, type Engine, type RunId } from "../../packages/engine/src/index.ts";
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

/** Podman with control groups of version 1 limits memory, but does not tell that it ran out. */
async function tellsOfMemory(client: EngineClient): Promise<boolean> {
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
  if (reason !== undefined) {
    // Podman is the second engine: a machine for checking need not have it.
    if (process.env["CI"] === "true" && choice === "docker")
      test(`the contract on ${title}`, () => expect.fail(reason));
    else process.stderr.write(`SKIPPED: the engine contract on ${title}: ${reason}\n`);
  }

  describe.skipIf(reason !== undefined)(`the engine contract on ${title}`, () => {
    let engine: Engine;
    const can = new Set<Capability>(["programs", "privileged"]);
    const context: ContractContext = {
      images: contractImages,
      can,
      clock: systemClock,
      freshRun,
      removeClaim: async (claim) => {
        await run(client, "volume", "rm", "-f", `lapcat-claim-${claim}`);
      },
    };

    beforeAll(async () => {
      await makeContractImages(client);
      if (await tellsOfMemory(client)) can.add("memory-limit");
      engine = await openEngine(choice, { env: { ...process.env, ...client.env }, placement });
    });

    test("it says who it is", async () => {
      expect(await engine.probe(new AbortController().signal)).toMatchObject({
        kind: choice,
        platform: expect.stringMatching(/^linux\//u),
      });
    });

    test.for(promises)("$name", async (promise, { skip }) => {
      const lacking = promise.needs.filter((need) => !can.has(need));
      if (lacking.length > 0) skip(`${title} on this machine: ${lacking.join(", ")}`);
      await promise.check(engine, context);
    });

    afterAll(async () => {
      const left = await engine.leftovers();
      await Promise.all(own.filter((each) => left.includes(each)).map((each) => engine.sweep(each)));
      await engine.close();
    });
  });
}
