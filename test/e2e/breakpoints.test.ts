// Breakpoints of a TaskRun, and the shell into a step that waits at one, on real engines.
import { afterAll, expect, test } from "vitest";
import { docker, podman } from "./support/clients.ts";
import { type Going, type Home, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";

const busybox = "docker.io/library/busybox:latest";
const debugging = ["--feature-flag", "enable-api-fields=alpha"];

const document = `apiVersion: tekton.dev/v1
kind: TaskRun
metadata: { generateName: held- }
spec:
  debug: { breakpoints: { onFailure: enabled, beforeSteps: [second] } }
  taskSpec:
    results: [{ name: said }]
    steps:
      - { name: first, image: ${busybox}, script: 'echo it breaks; exit 3', timeout: 2s, securityContext: { runAsUser: 1000 } }
      - { name: second, image: ${busybox}, command: [sh, -c, 'echo "second got $1"', sh], args: [two words], timeout: 2s }
      - { name: third, image: ${busybox}, script: 'printf fine > $(results.said.path); exit 0' }
`;

for (const { client, needed } of [
  { client: docker, needed: "in CI" },
  { client: podman, needed: "where it is" },
] as const) {
  const engine = ["--engine", client.command];
  describeWith(`breakpoints on ${client.command}`, await absenceOf(client, busybox), needed, () => {
    const home: Home = temporaryHome(client.env);
    afterAll(() => home.remove());
    const start = (): Going => home.start({}, "run", "-f", home.file("held.yaml", document), ...engine, ...debugging);
    const shell = (step: string, ...command: readonly string[]): ReturnType<Home["lapcat"]> =>
      home.lapcat("shell", ...engine, "last", home.runs().toSorted().at(-1) ?? "", step, "--", ...command);
    const nothingLeft = async (): Promise<void> => {
      expect(await leftIn(client, (run) => home.runs().includes(run))).toEqual([]);
      await home.lapcat("prune", ...engine);
    };

    test("a step that failed and one that has not begun wait, are looked into, and go on", async () => {
      const going = start();
      await going.says("first failed, and waits at a breakpoint");
      const look = await shell("first", "sh", "-c", "id -u; ls /tekton/debug/scripts; echo aside >&2; exit 5");
      expect([look.code, look.stdout, look.stderr]).toEqual([
        5,
        "1000\ndebug-beforestep-continue\ndebug-beforestep-fail-continue\ndebug-continue\ndebug-fail-continue",
        "aside",
      ]);
      expect(await shell("third", "true")).toMatchObject({ code: 2, stderr: expect.stringContaining("no step third") });
      // Longer than the step's own timeout.
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(await shell("first", "/tekton/debug/scripts/debug-continue")).toMatchObject({ code: 0 });
      await going.says("second waits before it runs at a breakpoint");
      expect(await shell("second", "/tekton/debug/scripts/debug-beforestep-continue")).toMatchObject({ code: 0 });
      const { code, stdout } = await going.ended;
      expect([code, stdout]).toEqual([0, expect.stringContaining("[second] second got two words")]);
      expect(stdout).toContain("said  fine");
      await nothingLeft();
    });

    test("a step that is told to fail fails, and a run that waits can be cancelled", async () => {
      const failing = start();
      await failing.says("waits at a breakpoint");
      expect(await shell("first", "/tekton/debug/scripts/debug-fail-continue")).toMatchObject({ code: 0 });
      const failed = await failing.ended;
      expect([failed.code, failed.stdout]).toEqual([1, expect.stringContaining('"step-first" exited with code 1')]);
      await nothingLeft();

      const cancelled = start();
      await cancelled.says("waits at a breakpoint");
      const since = Date.now();
      cancelled.kill("SIGINT");
      expect((await cancelled.ended).code).toBe(130);
      expect(Date.now() - since).toBeLessThan(20_000);
      await nothingLeft();
    });
  });
}
