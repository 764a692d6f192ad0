// Runs Tekton's own examples, unmodified, on a real engine, prints what becomes of each, and writes docs/conformance.md.
//   npm run conformance                      all of them, on Docker
//   npm run conformance -- workspace pvc     those with one of these words in their path; writes no page
//   npm run conformance -- --podman          those marked for it, on Podman; --jobs N runs N at a time (default 2)
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { docker, podman } from "../test/e2e/support/clients.ts";
import { absence, listExamples } from "./conformance/examples.ts";
import { conformancePage, type Row } from "./conformance/page.ts";
import { needsPlaces, type Places, placesOf } from "./conformance/places.ts";
import { engineFor, runExample, surprise } from "./conformance/run-example.ts";
import { rowsOf } from "./conformance/rows.ts";
import { type Internet, startInternet } from "./internet.ts";
import { stopServices } from "./services.ts";
import { root } from "./stages.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { podman: { type: "boolean", default: false }, jobs: { type: "string", default: "2" } },
});

if (absence !== undefined) {
  console.log(`SKIPPED: ${absence}`);
  process.exit(0);
}

const rows = rowsOf(listExamples());
const chosen = rows.filter(
  ({ example, onPodman }) =>
    (!values.podman || onPodman) &&
    (positionals.length === 0 || positionals.some((word) => example.path.includes(word))),
);
const engine = await engineFor(values.podman ? podman : docker);
const home = mkdtempSync(join(tmpdir(), "lapcat-conformance-"));
const prefix = `lapcat-conformance-${process.pid}`;
const width = Math.max(0, ...chosen.map(({ example }) => example.path.length));
let surprises = 0;

let internet: Internet | undefined;

async function places(): Promise<Places> {
  if (!chosen.some(needsPlaces)) return {};
  internet = await startInternet(prefix);
  return placesOf(internet, home);
}

async function tell({ example, treatment }: Row, at: Places): Promise<void> {
  const started = performance.now();
  const outcome = await runExample(example, treatment, engine, at, home);
  const unexpected = surprise(outcome, treatment);
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  const what = outcome.verdict === "succeeds" ? "Succeeded" : `${outcome.verdict}: ${outcome.detail}`;
  console.log(`${unexpected === undefined ? "ok    " : "FAILED"} ${example.path.padEnd(width)} ${seconds} s  ${what}`);
  if (unexpected === undefined) return;
  surprises += 1;
  console.log(`${unexpected}\n${outcome.said}`.replace(/^/gmu, "       "));
}

const waiting = [...chosen];
async function worker(at: Places): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await tell(next, at);
}

try {
  const at = await places();
  await Promise.all(Array.from({ length: Number(values.jobs) }, () => worker(at)));
} finally {
  await (internet?.close() ?? stopServices(prefix));
  rmSync(home, { recursive: true, force: true });
}
console.log(`\n${chosen.length - surprises} of ${chosen.length} examples as expected`);
if (surprises > 0) process.exitCode = 1;
else if (chosen.length === rows.length) writeFileSync(join(root, "docs", "conformance.md"), conformancePage(rows));
