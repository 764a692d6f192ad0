import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Each test starts programs.
vi.setConfig({ testTimeout: 60_000 });

const lapcat = join(import.meta.dirname, "../packages/cli/bin/lapcat");
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "lapcat-documents-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
}

async function cli(args: readonly string[], input = ""): Promise<Ended> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, LAPCAT_HOME: join(home, "lapcat") };
  const options = { cwd: home, input, reject: false, extendEnv: false, stripFinalNewline: false, env } as const;
  const { stdout, stderr, exitCode } = await execa(lapcat, args, options);
  return { stdout, stderr, exitCode };
}

function file(name: string, text: string): string {
  const path = join(home, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const old = `# Says it
apiVersion: tekton.dev/v1beta1
kind: Task
metadata: { name: say }
spec:
  steps:
    - image: alpine:3.20
      resources: { requests: { cpu: 1 } }   # little
      script: echo hi
`;
const fresh = old.replace("v1beta1", "v1").replace("resources: {", "computeResources: {");

test("convert prints v1, and changes nothing by itself", async () => {
  const path = file("print/task.yaml", old);
  expect(await cli(["convert", "-f", path])).toEqual({ stdout: fresh, stderr: "", exitCode: 0 });
  expect(readFileSync(path, "utf8")).toBe(old);
  expect((await cli(["convert", "-"], old)).stdout).toBe(fresh);
});

test("convert --in-place changes the files that are not v1, and tells which", async () => {
  const changed = file("place/old.yaml", old);
  const kept = file("place/below/new.yaml", `${fresh}\n\n`);
  const ended = await cli(["convert", "-f", join(home, "place"), "-R", "--in-place"]);
  expect(ended).toEqual({ stdout: "", stderr: `${changed}: converted\n`, exitCode: 0 });
  expect([readFileSync(changed, "utf8"), readFileSync(kept, "utf8")]).toEqual([fresh, `${fresh}\n\n`]);
});

test("convert leaves a file alone that has something without a counterpart, and shows the place", async () => {
  const text = old.replace("  steps:", "  resources: { inputs: [{ name: x, type: git }] }\n  steps:");
  const path = file("refused/task.yaml", text);
  const { stdout, stderr, exitCode } = await cli(["convert", path, "--in-place"]);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
  expect(stderr).toContain("task.yaml:6:3: error[field.unsupported] spec.resources cannot be converted");
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("warnings do not fail unless they are asked to", async () => {
  const path = file("strict/task.yaml", fresh.replace("alpine:3.20", "alpine"));
  const { stdout, exitCode } = await cli(["validate", path]);
  expect(stdout).toContain("task.yaml:7:14: warning[image.untagged]");
  expect(exitCode).toBe(0);
  expect((await cli(["validate", path, "--strict"])).exitCode).toBe(2);
});

test("documents of a whole directory know one another", async () => {
  file("fit/task.yaml", fresh);
  const run = (name: string): string =>
    `apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: { name: a }\nspec: { taskRef: { name: ${name} } }\n`;
  file("fit/runs/run.yaml", run("say"));
  expect(await cli(["validate", "-f", "fit", "-R"])).toMatchObject({
    stdout: expect.stringContaining("0 warnings"),
    exitCode: 0,
  });
  file("fit/runs/run.yaml", run("sya"));
  const { stdout, exitCode } = await cli(["validate", "-f", "fit", "-R"]);
  expect(stdout).toMatch(/run\.yaml:4:\d+: warning\[task\.missing\].*\n.*\n.*\n.*mean say\?/u);
  expect(exitCode).toBe(0);
});

test("validate -o sarif names the rule, the level and the place", async () => {
  const path = file("sarif/task.yaml", fresh.replace("script:", "scirpt:"));
  const { stdout, exitCode } = await cli(["validate", path, "-o", "sarif"]);
  const log = JSON.parse(stdout) as { readonly runs: readonly { readonly results: readonly object[] }[] };
  expect(log.runs[0]?.results[0]).toMatchObject({ ruleId: "field.unknown", level: "error" });
  expect(exitCode).toBe(2);
});

test("schema prints one for all, one for a kind, one for the runs of a Pipeline", async () => {
  const all = await cli(["schema"]);
  expect(JSON.parse(all.stdout)).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
  expect(JSON.parse((await cli(["schema", "task"])).stdout)).toMatchObject({ title: "Tekton's Task" });
  const path = file(
    "schema/pipeline.yaml",
    "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: { name: ship }\nspec: { params: [{ name: url }], tasks: [{ name: a, taskSpec: { steps: [{ image: 'a:1' }] } }] }\n",
  );
  const runs = await cli(["schema", "--run-of", path]);
  expect(JSON.parse(runs.stdout)).toMatchObject({ title: "A PipelineRun of ship" });
  const wrong = await cli(["schema", "Tsak"]);
  expect(wrong).toMatchObject({ stdout: "", exitCode: 2 });
  expect(wrong.stderr).toContain("did you mean Task?");
});
