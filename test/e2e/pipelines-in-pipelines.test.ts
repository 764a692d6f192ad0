// Pipelines in Pipelines on a real engine: one volume for parent and child, a cancel and a timeout that reach the child, and a kill.
import { afterAll, afterEach, expect, test } from "vitest";
import { docker } from "./support/clients.ts";
import { succeeded, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { type List, listIn, pipelineRunOf, taskRunOf, valueOf } from "./support/status.ts";

const busybox = "docker.io/library/busybox:latest";
const mine = `pip-${process.pid}-`;
const alpha = ["--enable-api-fields", "alpha"] as const;

interface Written {
  readonly [field: string]: unknown;
}

/** A task of one step with the shared volume. */
const task = (name: string, script: string, more: Written = {}): Written => ({
  name,
  workspaces: [{ name: "files" }],
  taskSpec: {
    params: [{ name: "word", type: "string", default: "" }],
    results: [{ name: "said" }],
    workspaces: [{ name: "files" }],
    steps: [{ name: "only", image: busybox, script }],
  },
  ...more,
});

const child = (name: string, pipelineSpec: Written, more: Written = {}): Written => ({
  name,
  workspaces: [{ name: "files" }],
  pipelineSpec: { workspaces: [{ name: "files" }], ...pipelineSpec },
  ...more,
});

function pipelineRun(pipelineSpec: Written, more: Written = {}): string {
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } };
  return JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "PipelineRun",
    metadata: { generateName: mine },
    spec: {
      workspaces: [{ name: "files", volumeClaimTemplate: { spec: claim } }],
      pipelineSpec: { workspaces: [{ name: "files" }], ...pipelineSpec },
      ...more,
    },
  });
}

/** `reason` by PipelineTask; the run's own is under its kind. */
const reasonsIn = ({ items }: List): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    items.map(({ kind, metadata, status }) => [
      metadata.labels?.["tekton.dev/pipelineTask"] ?? kind,
      status.conditions[0]?.reason,
    ]),
  );

const slow = child("slow", {
  tasks: [child("deeper", { tasks: [task("sleeps", "echo asleep; sleep 60")] })],
  finally: [task("tidies", "echo tidied")],
});

describeWith("Pipelines in Pipelines on an engine", await absenceOf(docker, busybox), "in CI", () => {
  const home = temporaryHome();
  afterAll(() => home.remove());
  afterEach(async () => {
    const left = await leftIn(docker, (run) => run.startsWith(mine));
    if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  });

  test("a child has its parent's volume and results, two levels down, and what it did is there for the parent", async () => {
    const word = { params: [{ name: "word", value: "$(params.word)" }] };
    const given = { params: [{ name: "word", value: "$(tasks.first.results.said)" }], runAfter: ["first"] };
    const into = (file: string): string => `echo "$(params.word) ${file}" >> $(workspaces.files.path)/${file}`;
    const inner = { params: [{ name: "word", type: "string" }], tasks: [task("two", into("two"), word)] };
    const outer = {
      params: [{ name: "word", type: "string" }],
      tasks: [task("one", into("one"), word), child("deeper", inner, { ...word, runAfter: ["one"] })],
    };
    const file = home.file(
      "shared.yaml",
      pipelineRun({
        results: [{ name: "all", value: "$(tasks.last.results.said)" }],
        tasks: [
          task("first", "printf hello > $(results.said.path)"),
          child("child", outer, given),
          task("last", "cd $(workspaces.files.path); cat one two | tee $(results.said.path)", { runAfter: ["child"] }),
        ],
      }),
    );
    const run = succeeded(await home.lapcat("run", "-f", file, ...alpha, "-o", "json"));
    const list = listIn(run.stdout);
    expect(valueOf(pipelineRunOf(list).status.results, "all")).toBe("hello one\nhello two\n");
    expect(list.items.map(({ kind }) => kind).filter((kind) => kind === "PipelineRun")).toHaveLength(3);
    expect(run.stderr).toContain("✔ child/deeper/two");
    const { name } = pipelineRunOf(list).metadata;
    expect(listIn(succeeded(await home.lapcat("describe", name, "-o", "json")).stdout)).toEqual(list);
    expect(succeeded(await home.lapcat("describe", name)).stdout).toContain(`PipelineRun ${name}-child-deeper`);
    expect(succeeded(await home.lapcat("logs", name)).stdout).toContain("[last : only] hello two");
  });

  test("Ctrl-C ends what runs in a child, and every run of the tree is Cancelled", async () => {
    const file = home.file("cancelled.yaml", pipelineRun({ tasks: [slow], finally: [task("ends", "echo ended")] }));
    const going = home.start({}, "run", "-f", file, ...alpha);
    await going.says("asleep");
    going.kill("SIGINT");
    expect((await going.ended).code).toBe(130);
    const list = listIn(succeeded(await home.lapcat("describe", "last", "-o", "json")).stdout);
    expect(reasonsIn(list)).toEqual({
      PipelineRun: "Cancelled",
      slow: "Cancelled",
      deeper: "Cancelled",
      sleeps: "TaskRunCancelled",
    });
  });

  test("the time of the parent's tasks ends a child, and the parent's finally runs", async () => {
    const written = pipelineRun(
      {
        tasks: [slow],
        finally: [
          task("ends", 'printf "$(params.word)" > $(results.said.path)', {
            params: [{ name: "word", value: "$(tasks.slow.status) $(tasks.slow.reason)" }],
          }),
        ],
      },
      { timeouts: { pipeline: "1m", tasks: "3s" } },
    );
    const run = await home.lapcat("run", "-f", home.file("late.yaml", written), ...alpha, "-o", "json");
    expect(run.code).toBe(1);
    const list = listIn(run.stdout);
    expect(reasonsIn(list)).toMatchObject({ PipelineRun: "PipelineRunTimeout", slow: "Cancelled", ends: "Succeeded" });
    expect(valueOf(taskRunOf(list, "ends").status.results, "said")).toBe("Failed Cancelled");
  });

  test("one that is killed in a child is resumed there", async () => {
    const inner = {
      tasks: [
        task("before", "echo before >> $(workspaces.files.path)/all"),
        task("within", "echo within; sleep 2; echo within >> $(workspaces.files.path)/all", { runAfter: ["before"] }),
      ],
    };
    const written = pipelineRun({
      results: [{ name: "all", value: "$(tasks.last.results.said)" }],
      tasks: [
        child("child", inner),
        task("last", "cat $(workspaces.files.path)/all > $(results.said.path)", { runAfter: ["child"] }),
      ],
    });
    const going = home.start({}, "run", "-f", home.file("killed.yaml", written), ...alpha);
    await going.says("[child/within : only] within");
    going.kill("SIGKILL");
    await going.ended.catch(() => undefined);
    const run = succeeded(await home.lapcat("resume", "last", "-o", "json"));
    expect(valueOf(pipelineRunOf(listIn(run.stdout)).status.results, "all")).toBe("before\nwithin\n");
  });
});
