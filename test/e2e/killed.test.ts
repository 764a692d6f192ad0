// A lapcat that is killed at a request to its engine, on its way there or before the answer is heard: the next one ends the run, and nothing is left.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { docker, dockerSocket } from "./support/clients.ts";
import { type Going, succeeded, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { type Incident, proxyTo } from "./support/proxy.ts";
import { listIn, pipelineRunOf } from "./support/status.ts";

const busybox = "docker.io/library/busybox:latest";
/** With 1 at every request, which takes minutes. */
const every = Number(process.env["LAPCAT_TEST_EVERY"] ?? "7");
const lanes = 3;
const mine = `killed-${process.pid}-`;
const names = ["first", "second", "last"];

/** One that anybody may write the volume for, one whose Pod of two containers is opened ahead, and one that reads it all. */
function pipelineRun(name: string): string {
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
  const workspaces = [{ name: "shared" }];
  const step = (of: string, script: string): object => ({
    name: of,
    image: busybox,
    securityContext: { runAsUser: 1000 },
    script: `cd $(workspaces.shared.path)\n${script}`,
  });
  const task = (of: string, ...steps: readonly object[]): object => ({
    name: of,
    workspaces,
    taskSpec: { workspaces, results: [{ name: "said" }], steps },
  });
  const second = task("second", step("one", "cat first > second"), step("two", "printf two >> second"));
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { name },
    spec: {
      workspaces: [{ name: "shared", volumeClaimTemplate: { spec: claim } }],
      pipelineSpec: {
        workspaces,
        results: [{ name: "all", value: "$(finally.last.results.said)" }],
        tasks: [task("first", step("one", "sleep 0.2; printf one- > first")), { ...second, runAfter: ["first"] }],
        finally: [task("last", step("one", "cat second > $(results.said.path)"))],
      },
    },
  });
}

interface Fact {
  readonly type: string;
  readonly taskRun?: string;
}

const absence =
  (await absenceOf(docker, busybox)) ?? (dockerSocket === undefined ? "Docker is not at a socket" : undefined);

describeWith("a lapcat that is killed at a request to its engine", absence, "in CI", () => {
  const home = temporaryHome();
  afterAll(() => home.remove());

  /** False when the run ended before there were so many requests. */
  async function isSound(when: Incident["when"], request: number): Promise<boolean> {
    const run = `${mine}${when}-${request}`;
    const at = `${when} ${request}`;
    const socket = join(home.directory, `${when}-${request}.sock`);
    const file = home.file(`${run}.json`, pipelineRun(run));
    let going: Going | undefined;
    const proxy = await proxyTo(
      dockerSocket ?? "",
      { path: socket },
      { request, when, happen: () => going?.kill("SIGKILL") },
    );
    try {
      going = home.start({}, "run", "-f", file, "--engine", `unix://${socket}`);
      const ended = await going.ended.catch(() => undefined);
      if (ended !== undefined) {
        succeeded(ended);
        return false;
      }
      const began = home.runs().includes(run);
      succeeded(await home.lapcat(...(began ? ["resume", run] : ["run", "-f", file])));
      const { status } = pipelineRunOf(listIn((await home.lapcat("describe", run, "-o", "json")).stdout));
      expect([at, status.results]).toEqual([at, [{ name: "all", value: "one-two" }]]);
      const facts = readFileSync(join(home.keeps, "runs", run, "events.ndjson"), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { readonly event: Fact }).event);
      for (const name of names) {
        const count = (type: string): number =>
          facts.filter((each) => each.type === type && each.taskRun === `${run}-${name}`).length;
        expect([at, name, count("task.started")]).toEqual([at, name, count("pod.interrupted") + 1]);
      }
      expect([at, await leftIn(docker, (each) => each === run)]).toEqual([at, []]);
      return true;
    } finally {
      await proxy.close();
    }
  }

  test.for(["asked", "answered"] as const)("one whose engine has %s", async (when) => {
    let next = when === "asked" ? 2 : 4;
    let count = 0;
    let isOver = false;
    const lane = async (): Promise<void> => {
      while (!isOver) {
        const request = next;
        next += every;
        if (await isSound(when, request)) count += 1;
        else isOver = true;
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(count).toBeGreaterThanOrEqual(Math.floor(24 / every));
    expect(await leftIn(docker, (run) => run.startsWith(mine))).toEqual([]);
  });
});
