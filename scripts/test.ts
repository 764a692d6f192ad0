// Everything that must hold, in one command. The last line is `N passed, N failed, N skipped`.
//   test.ts [--no-e2e] [VITEST ARGUMENT…]
// Where no container engine can be had the end-to-end tests are skipped out loud; with CI=true that is a failure.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, runStages, show } from "./stages.ts";

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is counted. */
interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

const reports = join(root, ".cache");

function add(...tallies: readonly Tally[]): Tally {
  return tallies.reduce((sum, each) => ({
    passed: sum.passed + each.passed,
    failed: sum.failed + each.failed,
    skipped: sum.skipped + each.skipped,
  }));
}

/** A file that does not load counts as one failure, and so does a run that ended badly though no test failed. */
async function vitest(project: string, args: readonly string[]): Promise<Tally> {
  console.log(`\n${project} tests (vitest)`);
  const report = join(reports, `vitest-${project}.json`);
  rmSync(report, { force: true });
  const code = await show("vitest", [
    "run",
    `--project=${project}`,
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...args,
  ]);
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const counted: Report = JSON.parse(readFileSync(report, "utf8"));
  const unloaded = counted.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  const failed = counted.numFailedTests + unloaded.length;
  return {
    passed: counted.numPassedTests,
    failed: code === 0 ? failed : Math.max(1, failed),
    skipped: counted.numPendingTests + counted.numTodoTests,
  };
}

/**
 * Starts an engine and makes the images that the tests use; in CI Podman too, beside Docker. The value is the command that failed.
 * On a developer's machine Podman is tested where it is there already.
 */
async function prepareEngine(): Promise<string | undefined> {
  const commands = ["sh scripts/engine.sh", "bash scripts/images.sh"];
  const podman = ["sh scripts/engine.sh --podman", "LAPCAT_CONTAINER_CLI=podman bash scripts/images.sh"];
  for (const command of process.env["CI"] === "true" ? [...commands, ...podman] : commands) {
    if ((await show("sh", ["-c", command])) !== 0) return command;
  }
  return undefined;
}

async function endToEnd(args: readonly string[]): Promise<Tally> {
  const files = globSync("test/e2e/**/*.test.ts", { cwd: root });
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  console.log("\nend-to-end tests: preparing the engine");
  const missing = await prepareEngine();
  if (missing === undefined) return vitest("e2e", args);
  if (process.env["CI"] === "true") {
    console.log(`FAILED ${missing}: the end-to-end tests need an engine, and CI must run them`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  console.log(
    `SKIPPED ${files.length} files of end-to-end tests: ${missing} failed, see above. With CI=true this fails.`,
  );
  return { passed: 0, failed: 0, skipped: files.length };
}

mkdirSync(reports, { recursive: true });
const args = process.argv.slice(2).filter((each) => each !== "--no-e2e");
const total = add(
  { ...(await runStages()), skipped: 0 },
  await vitest("unit", args),
  process.argv.includes("--no-e2e") ? { passed: 0, failed: 0, skipped: 0 } : await endToEnd(args),
);
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
