// Every row of the table of versions, on both sides of its release; docs/tekton-versions.md is written from it. UPDATE=1 writes it.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planInputs } from "../packages/cli/src/inputs.ts";
import { previewedPods } from "../packages/cli/src/previewed-pods.ts";
import { simulate } from "../packages/cli/src/simulate.ts";
import { validate } from "../packages/cli/src/validate.ts";
import { type PodSpec } from "../packages/engine/src/index.ts";
import { type RunList } from "../packages/run/src/index.ts";
import {
  newestVersion,
  oldestVersion,
  readVersion,
  type TektonVersion,
  type VersionChangeName,
  versionChanges,
  versionText,
} from "../packages/tekton/src/index.ts";
import { inProcess, unsaid } from "./simulated.ts";

const scratch = mkdtempSync(join(tmpdir(), "lapcat-versions-"));
const page = join(import.meta.dirname, "../docs/tekton-versions.md");

/** What is asked of a document, and what is expected before and after the change. */
type Case = {
  readonly yaml: string;
  readonly outcomes?: unknown;
  readonly before: unknown;
  readonly after: unknown;
} & (
  | { readonly simulated: (list: RunList) => unknown }
  | { readonly pod: (pod: PodSpec) => unknown }
  | { readonly verdict: "codes" }
);

const image = "image: alpine:3.21";
const run = (spec: string, metadata = "name: run"): string => `
apiVersion: tekton.dev/v1
kind: PipelineRun
metadata: { ${metadata} }
spec:
${spec.replaceAll(/^/gmu, "  ")}
`;
const pipeline = (tasks: string): string => run(`pipelineSpec:\n${tasks.replaceAll(/^/gmu, "  ")}`);
const steps = `steps: [{ name: s, ${image}, script: "true" }]`;
const task = (spec: string): string => `
---
apiVersion: tekton.dev/v1
kind: Task
metadata: { name: work }
spec: { ${spec} }
`;
const [plain, twice] = [
  pipeline(`tasks: [{ name: a, taskSpec: { ${steps} } }]`),
  pipeline(`tasks: [{ name: a, retries: 1, taskSpec: { ${steps} } }, { name: b, taskSpec: { ${steps} } }]`),
];
const alpha = `
---
apiVersion: v1
kind: ConfigMap
metadata: { name: feature-flags, namespace: tekton-pipelines }
data: { enable-api-fields: alpha }
`;
const ofStep = (step: string): string => pipeline(`tasks: [{ name: a, taskSpec: { steps: [{ name: s, ${step} }] } }]`);

type Item = RunList["items"][number];
const item = ({ items }: RunList, index: number): Item | undefined => items[index];
const end = (index = 0) => {
  return (list: RunList): unknown => {
    const { reason, message } = item(list, index)?.status.conditions[0] ?? {};
    return { reason, message };
  };
};
const reasonOf = (index = 0) => {
  return (list: RunList): unknown => item(list, index)?.status.conditions[0]?.reason;
};
const messageOf = (index = 0) => {
  return (list: RunList): unknown => item(list, index)?.status.conditions[0]?.message;
};
const paramsOf = (index: number) => {
  return (list: RunList): unknown => {
    const spec = item(list, index)?.spec as { readonly params?: readonly unknown[] } | undefined;
    return spec?.params;
  };
};
const timeoutOf = (index: number) => {
  return (list: RunList): unknown => (item(list, index)?.spec as { readonly timeout?: string } | undefined)?.timeout;
};
const resultsOf = (list: RunList): unknown => item(list, 0)?.status.results;
const script = ({ volumes }: PodSpec): unknown => {
  const files = volumes.flatMap((each) => (each.kind === "files" && each.name.includes("scripts") ? each.files : []));
  return files.map(({ content }) => (content.kind === "text" ? content.text : content.kind));
};
const value = (text: string): unknown => [{ name: "x", value: text }];
const inFinally = (text: string): string =>
  pipeline(`
tasks: [{ name: a, taskSpec: { ${steps} } }]
finally: [{ name: f, params: [{ name: x, value: "${text}" }], taskSpec: { params: [{ name: x }], ${steps} } }]`);
const lacking = pipeline(`
tasks:
  - { name: a, taskSpec: { results: [{ name: r }], ${steps} } }
  - { name: b, params: [{ name: x, value: "$(tasks.a.results.r)" }], taskSpec: { params: [{ name: x }], ${steps} } }
finally: [{ name: f, taskSpec: { ${steps} } }]`);
const withResult = pipeline(`
tasks: [{ name: a, taskSpec: { results: [{ name: r }], ${steps} } }, { name: b, taskSpec: { ${steps} } }]
results: [{ name: out, value: "$(tasks.a.results.r)" }]`);
const lost = "invalid pipelineresults [out], the referenced results don't exist";

const cases: Readonly<Record<VersionChangeName, Case>> = {
  "child-names-derived": {
    yaml: plain,
    simulated: (list) => item(list, 1)?.metadata.name,
    before: expect.stringMatching(/^run-a-[bcdfghjklmnpqrstvwxz2-9]{5}$/u),
    after: "run-a",
  },
  "pod-names-derived": {
    yaml: plain,
    simulated: (list) => (item(list, 1)?.status as { readonly podName?: string } | undefined)?.podName,
    before: expect.stringMatching(/^run-a-[a-z0-9]{5}-pod-[a-z0-9]{5}$/u),
    after: "run-a-pod",
  },
  "home-of-image": {
    yaml: plain,
    pod: ({ containers }) => containers[0]?.env,
    before: [{ name: "HOME", value: "/tekton/home" }],
    after: [],
  },
  "working-dir-of-image": {
    yaml: plain,
    pod: ({ containers }) => containers[0]?.workingDir,
    before: "/workspace",
    after: undefined,
  },
  "scripts-verbatim": {
    yaml: ofStep(`${image}, script: "#!/bin/sh\\necho $$ $(date)"`),
    pod: script,
    before: ["#!/bin/sh\necho $ $(date)"],
    after: ["#!/bin/sh\necho $$ $(date)"],
  },
  "scripts-quiet": {
    yaml: plain,
    pod: script,
    before: ["#!/bin/sh\nset -xe\ntrue"],
    after: ["#!/bin/sh\nset -e\ntrue"],
  },
  "git-logins-by-path": {
    yaml: `${plain.replace("spec:", "spec:\n  taskRunTemplate: { serviceAccountName: robot }")}
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: robot }
secrets: [{ name: login }]
---
apiVersion: v1
kind: Secret
metadata: { name: login, annotations: { tekton.dev/git-0: https://git.example/org/app } }
type: kubernetes.io/basic-auth
stringData: { username: u, password: p }
`,
    pod: ({ containers }) => {
      const file = containers[0]?.homeFiles.find(({ path }) => path.endsWith(".gitconfig"));
      return file?.content.kind === "text" && file.content.text.includes("useHttpPath");
    },
    before: false,
    after: true,
  },
  "pod-template-params": {
    yaml:
      run(`
taskRunTemplate: { podTemplate: { hostAliases: [{ ip: "$(params.ip)", hostnames: [git] }] } }
pipelineSpec: { tasks: [{ name: a, params: [{ name: ip, value: 10.0.0.1 }], taskRef: { name: work } }] }`) +
      task(`params: [{ name: ip }], ${steps}`),
    pod: ({ hostAliases }) => hostAliases[0]?.ip,
    before: "$(params.ip)",
    after: "10.0.0.1",
  },
  "extra-params-ignored": {
    yaml: pipeline(`tasks: [{ name: a, params: [{ name: x, value: y }], taskRef: { name: work } }]`) + task(`${steps}`),
    simulated: end(),
    before: {
      reason: "PipelineValidationFailed",
      message: "invalid input params for task work: didn't need these params but they were provided anyway: [x]",
    },
    after: { reason: "Succeeded", message: "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0" },
  },
  "params-propagated": {
    yaml: run(`
params: [{ name: x, value: of the run }]
pipelineSpec:
  params: [{ name: x }]
  tasks:
    - name: a
      taskSpec:
        params: [{ name: x, default: its own }]
        steps: [{ ${image}, script: "#!/bin/sh\\necho $(params.x)" }]`),
    pod: script,
    before: ["#!/bin/sh\necho its own"],
    after: ["#!/bin/sh\necho of the run"],
  },
  "workspaces-propagated": {
    yaml: run(`
workspaces: [{ name: w, emptyDir: {} }]
pipelineSpec:
  workspaces: [{ name: w }]
  tasks: [{ name: a, taskSpec: { steps: [{ ${image}, script: "#!/bin/sh\\nls $(workspaces.w.path)" }] } }]`),
    pod: script,
    before: ["#!/bin/sh\nls $(workspaces.w.path)"],
    after: ["#!/bin/sh\nls /workspace/w"],
  },
  "results-propagated": {
    yaml: pipeline(`
tasks:
  - { name: a, taskSpec: { results: [{ name: r }], ${steps} } }
  - { name: b, taskSpec: { steps: [{ ${image}, script: "#!/bin/sh\\necho $(tasks.a.results.r)" }] } }`),
    simulated: (list) => {
      const status = item(list, 2)?.status as { readonly taskSpec?: { readonly steps?: readonly unknown[] } };
      return status.taskSpec?.steps?.[0];
    },
    before: expect.objectContaining({ script: "#!/bin/sh\necho $(tasks.a.results.r)" }),
    after: expect.objectContaining({ script: "#!/bin/sh\necho a-r" }),
  },
  "defaults-name-params": {
    yaml: pipeline(`
params: [{ name: who, default: world }, { name: text, default: "hello $(params.who)" }]
tasks: [{ name: a, params: [{ name: x, value: "$(params.text)" }], taskSpec: { params: [{ name: x }], ${steps} } }]`),
    simulated: paramsOf(1),
    before: value("hello $(params.who)"),
    after: value("hello world"),
  },
  "retry-variables": {
    yaml: ofStep(`${image}, script: "#!/bin/sh\\necho $(context.task.retry-count)"`),
    pod: script,
    before: ["#!/bin/sh\necho $(context.task.retry-count)"],
    after: ["#!/bin/sh\necho 0"],
  },
  "task-status-variables": {
    yaml: inFinally("$(tasks.a.status)"),
    simulated: paramsOf(2),
    before: value("$(tasks.a.status)"),
    after: value("Succeeded"),
  },
  "aggregate-status-variable": {
    yaml: inFinally("$(tasks.status)"),
    simulated: paramsOf(2),
    before: value("$(tasks.status)"),
    after: value("Succeeded"),
  },
  "task-reason-variables": {
    yaml: inFinally("$(tasks.a.reason)"),
    simulated: paramsOf(2),
    before: value("$(tasks.a.reason)"),
    after: value("Succeeded"),
  },
  "beta-by-default": {
    yaml: pipeline(`
tasks:
  - name: a
    matrix: { params: [{ name: x, value: ["1"] }] }
    taskSpec: { params: [{ name: x }], ${steps} }`),
    verdict: "codes",
    before: ["feature.disabled"],
    after: [],
  },
  "variables-checked": {
    yaml: pipeline(
      `tasks: [{ name: a, params: [{ name: x, value: "$(date)" }], taskSpec: { params: [{ name: x }], ${steps} } }]`,
    ),
    verdict: "codes",
    before: [],
    after: ["reference.unknown"],
  },
  "when-guards-task-only": {
    yaml: pipeline(`
tasks:
  - { name: a, when: [{ input: x, operator: in, values: ["y"] }], taskSpec: { ${steps} } }
  - { name: b, runAfter: [a], taskSpec: { ${steps} } }`),
    simulated: (list) =>
      (
        item(list, 0)?.status as
          | { readonly skippedTasks?: readonly { readonly name: string; readonly reason: string }[] }
          | undefined
      )?.skippedTasks?.map(({ name, reason }) => `${name}: ${reason}`),
    before: ["a: When Expressions evaluated to false", "b: Parent Tasks were skipped"],
    after: ["a: When Expressions evaluated to false"],
  },
  "missing-result-of-one-task": {
    yaml: lacking,
    outcomes: { a: { results: {} } },
    simulated: (list) => [reasonOf()(list), list.items.map(({ metadata }) => metadata.name)],
    before: ["InvalidTaskResultReference", ["run", "run-a"]],
    after: ["PipelineValidationFailed", ["run", "run-a", "run-f"]],
  },
  "missing-result-named": {
    yaml: lacking,
    outcomes: { a: { results: {} } },
    simulated: messageOf(),
    before: "Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0, Failed Validation: 1",
    after:
      'Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0, Failed Validation: 1 (task "a" completed successfully but did not emit the result "r", which is referenced by task "b")',
  },
  "results-of-failed-run": {
    yaml: withResult,
    outcomes: { b: { exitCode: 1 } },
    simulated: resultsOf,
    before: undefined,
    after: [{ name: "out", value: "a-r" }],
  },
  "missing-pipeline-result-fails": {
    yaml: withResult,
    outcomes: { a: { results: {} } },
    simulated: reasonOf(),
    before: "Succeeded",
    after: "PipelineValidationFailed",
  },
  "missing-pipeline-result-reason": {
    yaml: withResult,
    outcomes: { a: { results: {} } },
    simulated: end(),
    before: { reason: "PipelineValidationFailed", message: lost },
    after: {
      reason: "CouldntGetPipelineResult",
      message: `Failed to get PipelineResult from TaskRun Results for PipelineRun run: ${lost}`,
    },
  },
  "run-timeout-not-of-tasks": {
    yaml: run(`timeouts: { pipeline: 10m }\npipelineSpec: { tasks: [{ name: a, taskSpec: { ${steps} } }] }`),
    simulated: timeoutOf(1),
    before: "10m0s",
    after: "1h0m0s",
  },
  "long-timeouts-reach-tasks": {
    yaml: run(`
timeouts: { pipeline: 3h, tasks: 2h }
pipelineSpec: { tasks: [{ name: a, taskSpec: { ${steps} } }] }`),
    simulated: timeoutOf(1),
    before: "1h0m0s",
    after: "2h0m0s",
  },
  "step-failure-reasons": {
    yaml: plain,
    outcomes: { a: { exitCode: 1 } },
    simulated: reasonOf(1),
    before: "Failed",
    after: "StepFailed",
  },
  "failure-without-kubectl": {
    yaml: plain,
    outcomes: { a: { exitCode: 3 } },
    simulated: messageOf(1),
    before: '"step-s" exited with code 3 (image: ""); for logs run: kubectl -n default logs run-a-pod -c step-s\n',
    after: '"step-s" exited with code 3',
  },
  "failure-with-state": {
    yaml: plain,
    outcomes: { a: { exitCode: 3 } },
    simulated: messageOf(1),
    before: '"step-s" exited with code 3',
    after: '"step-s" exited with code 3: Error',
  },
  "cancel-explained": {
    yaml: plain,
    outcomes: { a: { cancelRun: true } },
    simulated: messageOf(1),
    before: 'TaskRun "run-a" was cancelled',
    after: 'TaskRun "run-a" was cancelled. TaskRun cancelled as the PipelineRun it belongs to has been cancelled.',
  },
  "previous-status-told": {
    yaml: twice,
    outcomes: { a: { exitCode: 1 }, b: { cancelRun: true } },
    simulated: messageOf(1),
    before: 'TaskRun "run-a" was cancelled. TaskRun cancelled as the PipelineRun it belongs to has been cancelled.',
    after: expect.stringContaining("\nPrevious status: [ToBeRetried]"),
  },
  "pipelines-in-pipelines": {
    yaml: pipeline(`tasks: [{ name: a, pipelineSpec: { tasks: [{ name: b, taskSpec: { ${steps} } }] } }]`) + alpha,
    simulated: messageOf(),
    before: expect.stringMatching(/couldn't resolve all references: Currently, Task "a" does not support PipelineRef/u),
    after: "Tasks Completed: 1 (Failed: 0, Cancelled 0), Skipped: 0",
  },
  "child-runs-given": {
    yaml:
      pipeline(`tasks:
  - name: a
    params: [{ name: x, value: given }]
    pipelineSpec:
      params: [{ name: x, type: string, default: own }]
      tasks: [{ name: b, params: [{ name: z, value: $(params.x) }], taskSpec: { params: [{ name: z, type: string }], ${steps} } }]`) +
      alpha,
    simulated: paramsOf(2),
    before: [{ name: "z", value: "own" }],
    after: [{ name: "z", value: "given" }],
  },
  "timed-out-tasks-told": {
    yaml: run(`
timeouts: { pipeline: 1h, tasks: 1m }
pipelineSpec: { tasks: [{ name: a, taskSpec: { ${steps} } }], finally: [{ name: f, taskSpec: { ${steps} } }] }`),
    outcomes: { a: { hang: true } },
    simulated: reasonOf(),
    before: "Failed",
    after: "PipelineRunTimeout",
  },
  "invalid-params-name-run": {
    yaml: pipeline("tasks: [{ name: a, taskRef: { name: work } }]") + task(`params: [{ name: x }], ${steps}`),
    simulated: messageOf(),
    before: "invalid input params for task work: missing values for these params which have no default values: [x]",
    after: expect.stringMatching(/^Validation failed for pipelinerun run with error invalid input params/u),
  },
  "user-errors-marked": {
    yaml: run("pipelineSpec: { params: [{ name: x }], tasks: [{ name: a, taskSpec: { " + steps + " } }] }"),
    simulated: messageOf(),
    before: expect.stringMatching(/^PipelineRun default\/run is missing some parameters/u),
    after: expect.stringMatching(/^\[User error\] PipelineRun default\/run is missing some parameters/u),
  },
};

const names = Object.keys(cases) as VersionChangeName[];

test("there is a case for each change", () => {
  expect(names.toSorted()).toEqual(Object.keys(versionChanges).toSorted());
  expect(names.length).toBeGreaterThan(30);
});

test.for(names)("both sides of %s", async (name) => {
  const { since } = versionChanges[name];
  const asked = cases[name];
  const file = join(scratch, `${name}.yaml`);
  writeFileSync(file, asked.yaml);
  expect(await answer(asked, file, versionText(previous(since)))).toEqual(asked.before);
  expect(await answer(asked, file, since)).toEqual(asked.after);
});

const flagged = names.flatMap((name) => (versionChanges[name].flags ?? []).map((flag) => ({ name, ...flag })));

test("some changes had flags", () => {
  expect(flagged.length).toBeGreaterThan(4);
});

test.for(flagged)("$key decides on $name from $since to $last", async ({ name, key, since, last, values }) => {
  const asked = cases[name];
  const file = join(scratch, `${name}-flagged.yaml`);
  writeFileSync(file, asked.yaml);
  const [on = "true"] = values ?? [];
  const off = values === undefined ? "false" : "stable";
  for (const version of [since, last]) {
    expect(await answer(asked, file, version, `${key}=${on}`)).toEqual(asked.after);
    expect(await answer(asked, file, version, `${key}=${off}`)).toEqual(asked.before);
  }
  // The release after decides by itself, or by the next flag.
  const goesOn = flagged.some((each) => each.name === name && each.since === next(last));
  expect(await answer(asked, file, next(last), `${key}=${off}`)).toEqual(goesOn ? asked.before : asked.after);
});

const nothing = { ...unsaid, imageMap: [], allowHostPath: [] };

async function answer(asked: Case, file: string, tektonVersion: string, ...featureFlag: string[]): Promise<unknown> {
  const options = { ...nothing, filename: [file], tektonVersion, featureFlag };
  if ("verdict" in asked) {
    const { shown } = await inProcess((world) => validate(world, { ...options, output: "json", strict: false }));
    const { diagnostics } = JSON.parse(shown) as { diagnostics: readonly { code: string; severity: string }[] };
    return diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
  }
  if ("pod" in asked) {
    let found: unknown;
    await inProcess(async (world) => {
      const closed = await planInputs(world, options, undefined);
      if (!closed.ok) throw new Error(closed.diagnostics.map(({ message }) => message).join("\n"));
      const [first] = previewedPods(closed.value.plan, { mapImage: (each) => each });
      if (first?.pod === undefined) throw new Error(first?.diagnostics.map(({ message }) => message).join("\n"));
      found = asked.pod(first.pod);
      return 0;
    });
    return found;
  }
  const outcomes = join(scratch, "outcomes.json");
  writeFileSync(outcomes, JSON.stringify(asked.outcomes ?? {}));
  const { shown, told } = await inProcess((world) =>
    simulate(world, { ...options, outcomes, output: "json" }, undefined),
  );
  if (shown === "") throw new Error(told);
  return asked.simulated(JSON.parse(shown) as RunList);
}

function next(text: string): string {
  const version = readVersion(text);
  if (typeof version === "string") throw new Error(`${text} is no version`);
  return versionText({ ...version, minor: version.minor + 1 });
}

/** The release before. */
function previous(text: string): TektonVersion {
  const version = readVersion(text);
  if (typeof version === "string") throw new Error(`${text} is no version`);
  return version.minor === 0 ? { major: 0, minor: 70 } : { ...version, minor: version.minor - 1 };
}

test("docs/tekton-versions.md has every change", () => {
  const order = (since: string): number => {
    const version = readVersion(since);
    return typeof version === "string" ? 0 : version.major * 1000 + version.minor;
  };
  const rows = Object.values(versionChanges)
    .toSorted((one, other) => order(one.since) - order(other.since))
    .map(({ since, before, after, source, flags = [] }) => {
      const said = flags.map(
        ({ key, values = ["true"], since: from, last }) => `\`${key}: ${values.join(" or ")}\`, ${from} to ${last}`,
      );
      return `| ${since} | ${before} | ${after} | ${said.join("; ")} | ${source} |`;
    });
  const text = `# Versions of Tekton

lapcat follows Tekton Pipelines ${versionText(newestVersion)}. \`--tekton-version V\` of \`run\`, \`plan\`, \`simulate\` and \`validate\` behaves as an older release did,
from ${versionText(oldestVersion)} on: \`lapcat simulate -f pipeline.yaml --tekton-version v0.44\` tells what a cluster of that age does. A kept run remembers
its version. What is older is refused; what is newer than ${versionText(newestVersion)} is followed as ${versionText(newestVersion)}, with a warning.

The table is all that a version changes. Documents are read as today; a field that the release did not have is warned about (\`field.newer\`)
and works all the same, and so does \`tekton.dev/v1\` before v0.43. Statuses have the
shape of \`tekton.dev/v1\` whatever the version: without the maps \`taskRuns\` and \`runs\` of releases up to v0.44.

| since | before | after | a flag said so | upstream |
|---|---|---|---|---|
${rows.join("\n")}

A change that a flag of the ConfigMap \`feature-flags\` could bring forward, or put off, follows that flag: \`--feature-flag
scope-when-expressions-to-task=true --tekton-version v0.30\`. The five characters at the end of older names are made from the run's uid, so a
run has the same names whenever it is planned.

This page is written from \`packages/tekton/src/version-changes.ts\`: \`UPDATE=1 npm run test:unit -- test/tekton-versions\`.
`;
  if (process.env["UPDATE"] === "1") writeFileSync(page, text);
  expect(readFileSync(page, "utf8")).toBe(text);
});
