import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { invocationOf } from "../packages/cli/src/invocation.ts";
import { planWithGates } from "../packages/cli/src/plan-with-gates.ts";
import { planOf, recordedRun } from "../packages/cli/src/recorded-run.ts";
import { closedManifest } from "../packages/cli/src/record.ts";
import { sourceFile } from "../packages/diagnostic/src/index.ts";
import { parseManifest } from "../packages/manifest/src/index.ts";
import { resolveRun } from "../packages/resolution/src/index.ts";
import { openStore } from "../packages/store/src/index.ts";
import { attemptResources, gatesFrom, gatesOfVersion, withCel } from "../packages/tekton/src/index.ts";

const root = join(import.meta.dirname, "../fixtures/conversations");
const folders = readdirSync(root).filter((name) => existsSync(join(root, name, "pipeline.yaml")));
const home = mkdtempSync(join(tmpdir(), "lapcat-record-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** All but the places in documents, and the objects, of which the Secrets are masked. */
function bare(plan: unknown): unknown {
  const text = JSON.stringify(plan, (key, value: unknown) => {
    if (["origin", "path", "objects", "options"].includes(key)) return undefined;
    return value instanceof Map ? [...(value as ReadonlyMap<unknown, unknown>)] : value;
  });
  return JSON.parse(text);
}

const options = { imageMap: [], secret: [], engine: "docker", grace: 7, keepWorkspaces: false };

test.for(folders)(
  "the record of %s is planned as the run was, the version of Tekton and the defaults of its cluster among it",
  async (name) => {
    const text = readFileSync(join(root, name, "pipeline.yaml"), "utf8");
    const parsed = parseManifest(sourceFile("pipeline.yaml", text));
    if (!parsed.ok) throw new Error("the fixture cannot be read");
    const settings = { "default-timeout-minutes": "7", "enable-api-fields": "alpha" };
    const { resources } = attemptResources(parsed.value, settings);
    const resolved = await resolveRun(resources, undefined, { catalogs: [], pins: new Map(), random: () => 0.5 });
    if (!resolved.ok) throw new Error("the fixture cannot be resolved");
    const gates = gatesFrom(settings, gatesOfVersion({ major: 1, minor: 14 }));
    const plan = planWithGates(
      text.includes("cel:") ? await withCel({ ...gates, celInWhen: true }) : gates,
      resolved.value,
      {
        runsCustom: () => true,
      },
    );
    if (!plan.ok) throw new Error("the fixture cannot be planned");
    const invocation = await invocationOf(options, settings, resolved.value.objects, { omitted: [], claims: {} });
    const store = openStore(join(home, "runs"));
    const writer = await store.create(name, closedManifest(resolved.value, plan.value, invocation));
    await writer[Symbol.asyncDispose]();
    const recorded = recordedRun(await store.read(writer.id));
    expect(recorded.invocation).toMatchObject(invocation);
    expect(bare(await planOf(recorded))).toEqual(bare(plan.value));
  },
);
