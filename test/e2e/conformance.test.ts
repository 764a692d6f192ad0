// Tekton's own examples, unmodified, on real engines: all on Docker, the third that docs/conformance.md marks on Podman.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { absence, listExamples } from "../../scripts/conformance/examples.ts";
import { needsPlaces, type Places, placesOf } from "../../scripts/conformance/places.ts";
import { engineFor, runExample, surprise } from "../../scripts/conformance/run-example.ts";
import { type Row } from "../../scripts/conformance/page.ts";
import { rowsOf } from "../../scripts/conformance/rows.ts";
import { type Internet, startInternet } from "../../scripts/internet.ts";
import { type EngineClient } from "./contract-images.ts";
import { docker, podman } from "./support/clients.ts";
import { temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";

if (absence !== undefined) process.stderr.write(`SKIPPED: ${absence}.\n`);
const rows = absence === undefined ? rowsOf(listExamples()) : [];
const isRun = ({ treatment }: Row): boolean => treatment.verdict.kind !== "not run";

test.skipIf(absence !== undefined)("Tekton's examples are here, and most of them run", () => {
  expect(rows.filter(isRun).length).toBeGreaterThan(150);
});

async function examplesOn(
  client: EngineClient,
  chosen: readonly Row[],
  needed: "in CI" | "where it is",
): Promise<void> {
  if (chosen.length === 0) return;
  const missing = await absenceOf(client, "mirror.gcr.io/ubuntu:latest");
  const engine = await engineFor(client);
  describeWith(`Tekton's examples on ${client.command}`, missing, needed, () => {
    const home = temporaryHome();
    let internet: Internet | undefined;
    let places: Places = {};
    beforeAll(async () => {
      if (!chosen.some(needsPlaces)) return;
      internet = await startInternet(`${inject("servicesPrefix")}-internet`);
      places = placesOf(internet, home.directory);
    });
    afterAll(async () => {
      await internet?.close();
      home.remove();
    });

    test.concurrent.for(chosen.map((row) => [row.example.path, row] as const))("%s", async ([, row]) => {
      const outcome = await runExample(row.example, row.treatment, engine, places, home.keeps);
      const unexpected = surprise(outcome, row.treatment);
      expect(unexpected === undefined ? "as expected" : `${unexpected}\n${outcome.said}`).toBe("as expected");
    });

    test("leave nothing behind", async () => {
      const ours = new Set(home.runs());
      expect(ours.size).toBeGreaterThan(0);
      expect(await leftIn(client, (run) => ours.has(run))).toEqual([]);
    });
  });
}

await examplesOn(docker, rows.filter(isRun), "in CI");
await examplesOn(
  podman,
  rows.filter(({ onPodman }) => onPodman),
  "where it is",
);
