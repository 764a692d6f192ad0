import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type EngineClient } from "../../test/e2e/contract-images.ts";
import { type Treatment, type Verdict } from "../../test/example-verdicts.ts";
import { root } from "../stages.ts";
import { contentsOf, type Example } from "./examples.ts";
import { environmentOf, needsPlaces, type Places, withPlaces } from "./places.ts";

/** The engine that examples run on, by the client that speaks to it. */
export interface ExampleEngine extends EngineClient {
  /** Are upstream's images served by stand-ins? */
  readonly standIns: boolean;
}

export interface Outcome {
  readonly verdict: Verdict["kind"] | "broken";
  /** The reason of a failure, or the message of a refusal. */
  readonly detail: string;
  /** All that was said, for who looks for the cause. */
  readonly said: string;
}

const exec = promisify(execFile);
const lapcat = join(root, "packages", "cli", "bin", "lapcat");

/** The flags of upstream's CI (test/e2e-tests-kind-*.env), those that mean something here. */
const ofLevel: Readonly<Record<Example["level"], readonly string[]>> = {
  stable: ["--enable-api-fields", "stable"],
  beta: ["--enable-api-fields", "beta", "--feature-flag", "results-from=sidecar-logs"],
  alpha: [
    ["--enable-api-fields", "alpha", "--feature-flag", "results-from=sidecar-logs"],
    ["enable-artifacts", "enable-cel-in-whenexpression", "enable-concise-resolver-syntax", "enable-param-enum"].flatMap(
      (flag) => ["--feature-flag", `${flag}=true`],
    ),
  ].flat(),
  "no-ci": [],
};

export async function engineFor({ command, env }: EngineClient): Promise<ExampleEngine> {
  const format = '{{index .Config.Labels "dev.lapcat.stand-in"}}';
  const inspected = await exec(command, ["image", "inspect", "--format", format, "mirror.gcr.io/ubuntu:latest"], {
    env: { ...process.env, ...env },
  }).catch(() => undefined);
  return { command, env, standIns: inspected?.stdout.trim() === "true" };
}

/** Runs every run of an example, unmodified, one after the other, as a user would. */
export async function runExample(
  example: Example,
  treatment: Treatment,
  engine: ExampleEngine,
  places: Places,
  home: string,
): Promise<Outcome> {
  if (treatment.verdict.kind === "not run") return { verdict: "not run", detail: "", said: "" };
  const { runs, claims } = contentsOf(example);
  return alone(claims, async () => {
    const outcomes: Outcome[] = [];
    const besides =
      treatment.besides === undefined ? [] : ["-f", join(root, "fixtures", "examples", treatment.besides)];
    const options = [...besides, ...ofLevel[example.level], ...withPlaces(treatment.options ?? [], places)];
    const own = { ...(needsPlaces({ treatment }) && environmentOf(places)), LAPCAT_HOME: home };
    for (const run of runs) outcomes.push(await runOne(["run", run, "-f", example.file, ...options], engine, own));
    // A claim that the documents name outlives its run, as it does on a cluster until its namespace goes.
    for (const claim of claims) await removeClaim(engine, claim);
    return outcomes.find(({ verdict }) => verdict !== "succeeds") ?? outcomes[0] ?? nothing(example);
  });
}

function nothing({ path }: Example): Outcome {
  throw new Error(`${path} holds no run`);
}

const ends = new Map<string, Promise<unknown>>();

/** Examples that name the same claim take turns: they would find one another's files. */
async function alone<T>(claims: readonly string[], work: () => Promise<T>): Promise<T> {
  const before = claims.flatMap((claim) => ends.get(claim) ?? []);
  const done = Promise.allSettled(before).then(work);
  for (const claim of claims) ends.set(claim, done);
  return await done;
}

async function removeClaim({ command, env }: ExampleEngine, claim: string): Promise<void> {
  await exec(command, ["volume", "rm", "--force", `lapcat-claim-${claim}`], { env: { ...process.env, ...env } });
}

const seconds = 120;

async function runOne(
  words: readonly string[],
  engine: ExampleEngine,
  own: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const images = engine.standIns
    ? ["--pull", "missing", "--image-map", join(root, "fixtures", "stand-ins.imagemap")]
    : [];
  const args = [...words, "-o", "json", "--engine", engine.command, ...images];
  const { code, stdout, stderr } = await ended(args, { ...process.env, ...engine.env, ...own });
  const said = `lapcat ${args.join(" ")}\n${stderr}`;
  if (code === 2) {
    const [message = "exit code 2"] = [...stderr.matchAll(/error\[[^\]]*\] (.*)/gu)].map(([, text = ""]) => text);
    return { verdict: "refused", detail: message, said };
  }
  const condition = conditionIn(stdout);
  if (code === 0 && condition?.status === "True") return { verdict: "succeeds", detail: condition.reason, said };
  if (code === 1 && condition !== undefined) return { verdict: "fails", detail: condition.reason, said };
  return { verdict: "broken", detail: `lapcat ended with ${code}`, said };
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function ended(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const settings = { env, timeout: seconds * 1000, maxBuffer: 256 * 1024 * 1024 };
    execFile(lapcat, args, settings, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(new Error(`lapcat did not end within ${seconds} s: ${stderr}`, { cause: error }));
    });
  });
}

interface Condition {
  readonly status: string;
  readonly reason: string;
}

/** Of the run itself, which is the first in the list. */
function conditionIn(stdout: string): Condition | undefined {
  if (stdout === "") return undefined;
  const list = JSON.parse(stdout) as {
    readonly items: readonly { readonly status?: { readonly conditions?: readonly Condition[] } }[];
  };
  return list.items[0]?.status?.conditions?.[0];
}

/** Where the outcome is another than the table says; undefined where it is the same. */
export function surprise({ verdict, detail }: Outcome, { verdict: expected }: Treatment): string | undefined {
  const told = detail === "" ? verdict : `${verdict} (${detail})`;
  const isExpected =
    verdict === expected.kind &&
    (expected.kind !== "fails" || detail === expected.reason) &&
    (expected.kind !== "refused" || detail.startsWith(expected.message));
  return isExpected ? undefined : `expected that it ${wordsOf(expected)}, but: ${told}`;
}

function wordsOf(verdict: Verdict): string {
  switch (verdict.kind) {
    case "succeeds":
      return "succeeds";
    case "fails":
      return `fails with ${verdict.reason}`;
    case "refused":
      return `is refused: ${verdict.message}`;
    case "not run":
      return "is not run";
  }
}
