// What a PipelineRun decides, with real containers: the course of each run, on every engine of this machine.
import { afterAll, expect, test } from "vitest";
import { type EngineClient } from "./contract-images.ts";
import { docker, podman } from "./support/clients.ts";
import { busybox, type ControlFlow, controlFlows, courseOf } from "./support/control-flow.ts";
import { type Ended, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { listIn } from "./support/status.ts";

function onEngine(client: EngineClient): void {
  const home = temporaryHome(client.env);
  afterAll(async () => {
    const left = await leftIn(client, (run) => home.runs().includes(run));
    home.remove();
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  });

  const ranBy = async ({ interrupted, args = ["--grace", "1"] }: ControlFlow, file: string): Promise<Ended> => {
    const going = home.start({}, "run", "-f", file, "--engine", client.command, ...args);
    if (interrupted !== undefined) {
      await going.says(interrupted.after);
      going.kill("SIGINT");
      if (interrupted.times === 2) {
        await going.says("cancelling");
        going.kill("SIGINT");
      }
    }
    return going.ended;
  };

  // Side by side: most of them wait most of the time.
  test.concurrent.for(controlFlows.map((flow, index) => ({ ...flow, index })))("$title", async (flow, { expect }) => {
    const name = `flow-${process.pid}-${client.command}-${flow.index}`;
    const run = { apiVersion: "tekton.dev/v1", kind: "PipelineRun", metadata: { name }, spec: flow.spec };
    const { code, stdout, stderr } = await ranBy(flow, home.file(`${name}.yaml`, JSON.stringify(run)));
    expect(code, `${stdout}\n${stderr}`).toBe(flow.code);
    for (const each of flow.shows ?? []) expect(stdout.split("\n")).toContain(each);
    for (const each of flow.hides ?? []) expect(stdout).not.toContain(each);
    const described = await home.lapcat("describe", name, "-o", "json");
    expect(courseOf(listIn(described.stdout))).toEqual(flow.expected);
  });

  test("every run was recorded", () => {
    expect(home.runs().length).toBe(controlFlows.length);
  });
}

describeWith("the course of runs on Docker", await absenceOf(docker, busybox), "in CI", () => onEngine(docker));

// Podman is the second engine: a machine for checking need not have it.
describeWith("the course of runs on Podman", await absenceOf(podman, busybox), "where it is", () => onEngine(podman));
