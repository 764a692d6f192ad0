import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { sourceFile, type Diagnostic, type Result } from "../packages/diagnostic/src/index.ts";
import { asRunId } from "../packages/engine/src/index.ts";
import { parseManifest, stringifyManifest } from "../packages/manifest/src/index.ts";
import { planRun, previewTask } from "../packages/plan/src/index.ts";
import { podOf, type PodOptions } from "../packages/pod/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { readResources, type TektonVersion } from "../packages/tekton/src/index.ts";

/** What a folder of `fixtures/pods` says beside its documents; paths are relative to it. */
interface Inputs extends Pick<PodOptions, "caFile"> {
  readonly tekton?: TektonVersion;
  /** Documents: files, and directories of them. */
  readonly files?: readonly string[];
  readonly catalogs?: readonly string[];
}

const root = join(import.meta.dirname, "../fixtures/pods");
const folders = globSync("*/", { cwd: root }).sort();

test("there are pods to compare", () => {
  expect(folders.length).toBeGreaterThan(8);
});

test.for(folders)("the pods of fixtures/pods/%s are as printed", async (name) => {
  const printed = await podsOf(join(root, name));
  const golden = join(root, name, "pods.yaml");
  if (process.env["UPDATE"] === "1") writeFileSync(golden, printed);
  expect(printed).toBe(readFileSync(golden, "utf8"));
});

/** Every Pod of the run in a folder, before anything ran: references to other tasks stand as they are. */
async function podsOf(folder: string): Promise<string> {
  const inputsFile = join(folder, "inputs.json");
  const inputs: Inputs = existsSync(inputsFile) ? JSON.parse(readFileSync(inputsFile, "utf8")) : {};
  const files = [join(folder, "run.yaml"), ...(inputs.files ?? []).flatMap((each) => documentsIn(join(folder, each)))];
  const documents = files
    .filter((file) => existsSync(file))
    .flatMap((file) => valueOf(parseManifest(sourceFile(relative(root, file), readFileSync(file, "utf8")))));
  const { resources } = valueOf(readResources(documents));
  const catalogs = (inputs.catalogs ?? []).map((each) => join(folder, each));
  const { tekton, caFile } = inputs;
  const resolved = valueOf(await resolveRun(resources, undefined, { catalogs, pins: new Map(), random: () => 0 }));
  const plan = valueOf(planRun(resolved, tekton === undefined ? {} : { tekton }));
  const options: PodOptions = {
    run: asRunId("run-1"),
    objects: plan.objects,
    mapImage: (image) => image,
    ...(caFile === undefined ? {} : { caFile }),
  };
  const tasks = [...plan.tasks, ...plan.finally].filter((each) => each.kind === "task");
  const printed = tasks.map((task) => {
    const pod = podOf(previewTask(plan, task), options);
    const said = pod.diagnostics.map(told);
    const { spec, steps, sidecars, results, secrets } = valueOf(pod);
    return withOctalModes({ spec, steps, sidecars, results, secrets, said });
  });
  return stringifyManifest(printed);
}

/** Permission bits as people read them. */
function withOctalModes(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, part: unknown) =>
      key === "mode" && typeof part === "number" ? `0${part.toString(8)}` : part,
    ),
  );
}

function documentsIn(path: string): readonly string[] {
  return path.endsWith(".yaml")
    ? [path]
    : globSync("*.yaml", { cwd: path })
        .sort()
        .map((file) => join(path, file));
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.diagnostics.map(told).join("\n"));
  return result.value;
}

function told({ severity, code, message, path }: Diagnostic): string {
  return `${severity} ${code}: ${message}${path === undefined ? "" : ` (${path})`}`;
}
