// What is published: packed, installed where nothing of this repository is, and run by its name.
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker, root } from "./support/clients.ts";
import { absenceOf, describeWith } from "./support/on-engine.ts";

const busybox = "docker.io/library/busybox:latest";
const task = `apiVersion: tekton.dev/v1
kind: Task
metadata: { name: hello }
spec:
  steps: [{ name: say, image: ${busybox}, script: echo hello from the package }]
`;

describeWith("the package", await absenceOf(docker, busybox), "in CI", () => {
  const directory = mkdtempSync(join(tmpdir(), "lapcat-package-"));
  const app = join(directory, "app");
  const env = { LAPCAT_HOME: join(directory, "home"), npm_config_update_notifier: "false" };
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  beforeAll(async () => {
    // The prepack script bundles it first.
    await execa("pnpm", ["pack", "--pack-destination", directory], { cwd: join(root, "packages/cli") });
    mkdirSync(app);
    writeFileSync(join(app, "package.json"), '{ "private": true }\n');
    writeFileSync(join(app, "task.yaml"), task);
    const [tarball = ""] = (await execa("sh", ["-c", "echo *.tgz"], { cwd: directory })).stdout.split(" ");
    await execa("npm", ["install", "--no-audit", "--no-fund", join(directory, tarball)], { cwd: app });
  });

  test("npx lapcat run works with nothing but Node and an engine, under both names", async () => {
    for (const name of ["lapcat", "tkn-local"]) {
      const { stdout } = await execa("sh", ["-c", `npx --no-install ${name} run -f task.yaml`], { cwd: app, env });
      expect(stdout).toContain("[say] hello from the package");
    }
  });

  test("it starts fast, and validates without an engine", async () => {
    const times: number[] = [];
    for (let round = 0; round < 5; round++) {
      const started = performance.now();
      await execa("node", ["node_modules/lapcat/dist/lapcat.mjs", "--version"], { cwd: app, env });
      times.push(performance.now() - started);
    }
    // The bench has the numbers; this only notices when everything is loaded at start.
    expect(Math.min(...times)).toBeLessThan(300);
    const { stdout } = await execa("sh", ["-c", "npx --no-install lapcat validate task.yaml"], {
      cwd: app,
      env: { ...env, DOCKER_HOST: "unix:///nowhere" },
    });
    expect(stdout).toBe("1 document: 0 errors, 0 warnings");
  });

  test("its schemas, compiled beforehand, judge as those of the source do", async () => {
    const files = globSync("fixtures/refused/*/*.yaml", { cwd: root }).sort();
    expect(files.length).toBeGreaterThan(20);
    const args = ["validate", ...files.flatMap((file) => ["-f", file])];
    const judge = (command: string): Promise<{ stdout: string; stderr: string }> =>
      execa(command, args, { cwd: root, env, reject: false });
    const bundled = await judge(join(app, "node_modules/.bin/lapcat"));
    const source = await judge("packages/cli/bin/lapcat");
    expect(bundled.stdout).toBe(source.stdout);
    expect(bundled.stderr).toBe(source.stderr);
    expect(bundled.stdout + bundled.stderr).toContain("error[field.unknown]");
  });

  test("nothing of where it was built is in it", async () => {
    const { stdout } = await execa("grep", ["-rlF", "--include=*", root, "node_modules/lapcat"], {
      cwd: app,
      reject: false,
    });
    expect(stdout).toBe("");
  });
});
