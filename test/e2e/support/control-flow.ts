import { type List, pipelineRunOf } from "./status.ts";

/** A Pipeline whose course an engine could get wrong, and what has to become of it. */
export interface ControlFlow {
  readonly title: string;
  readonly spec: object;
  /** How often Ctrl-C is pressed once the output shows this. */
  readonly interrupted?: { readonly after: string; readonly times: 1 | 2 };
  readonly args?: readonly string[];
  readonly code: number;
  readonly expected: Course;
  readonly shows?: readonly string[];
  readonly hides?: readonly string[];
}

/** A run, with its TaskRuns by the ends of their attempts. */
export interface Course {
  readonly reason: string;
  readonly tasks: Readonly<Record<string, string>>;
  readonly skipped?: Readonly<Record<string, string>>;
  readonly results?: Readonly<Record<string, unknown>>;
}

export const busybox = "docker.io/library/busybox:latest";

type Script = readonly [name: string, script: string, more?: object];
const stepsOf = (scripts: readonly Script[]): object[] =>
  scripts.map(([name, script, more]) => ({ name, image: busybox, script, ...more }));
/** A task of steps; `of` is of the PipelineTask, `spec` of its Task. */
const task = (name: string, script: string | readonly Script[], of: object = {}, spec: object = {}): object => ({
  name,
  ...of,
  taskSpec: { ...spec, steps: stepsOf(typeof script === "string" ? [["s", script]] : script) },
});
const claim = {
  name: "shared",
  volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } } },
};
const uses = (...names: readonly string[]): object => ({ workspaces: names.map((name) => ({ name })) });
/** Writes its own name into the claim and waits for another's. */
const meets = (own: string, other: string): string =>
  `touch /workspace/shared/${own}; for i in $(seq 150); do [ -e /workspace/shared/${other} ] && exit 0; sleep 0.2; done; echo alone; exit 1`;
const patient = "trap 'echo was told; exit 9' TERM; echo begun; sleep 60 & wait";
const result = (name: string, type = "string", more: object = {}): object => ({ name, type, ...more });
const param = (name: string, value: unknown): object => ({ name, value });

export const controlFlows: readonly ControlFlow[] = [
  {
    title: "tasks that do not wait for one another run at the same time",
    spec: {
      workspaces: [claim],
      pipelineSpec: {
        ...uses("shared"),
        tasks: [
          task("one", meets("one", "two"), uses("shared"), uses("shared")),
          task("two", meets("two", "one"), uses("shared"), uses("shared")),
        ],
      },
    },
    code: 0,
    expected: { reason: "Succeeded", tasks: { one: "Succeeded", two: "Succeeded" } },
  },
  {
    title: "a run that takes too long ends at once, without finally",
    spec: {
      timeouts: { pipeline: "3s" },
      pipelineSpec: {
        tasks: [task("slow", "sleep 60"), task("next", "true", { runAfter: ["slow"] })],
        finally: [task("after", "echo never")],
      },
    },
    code: 1,
    expected: { reason: "PipelineRunTimeout", tasks: { slow: "TaskRunCancelled" } },
    hides: ["never"],
  },
  {
    title: "tasks that take too long are ended, and finally comes",
    spec: {
      timeouts: { pipeline: "5m", tasks: "3s" },
      pipelineSpec: {
        tasks: [task("slow", "sleep 60"), task("next", "true", { runAfter: ["slow"] })],
        finally: [
          task(
            "after",
            "echo it was $(params.how)",
            { params: [param("how", "$(tasks.slow.status)")] },
            { params: [{ name: "how" }] },
          ),
        ],
      },
    },
    code: 1,
    expected: {
      reason: "PipelineRunTimeout",
      tasks: { slow: "TaskRunCancelled", after: "Succeeded" },
      skipped: { next: "PipelineRun was stopping" },
    },
    shows: ["[after : s] it was Failed"],
  },
  {
    title: "a finally that takes too long is ended",
    spec: {
      timeouts: { pipeline: "5m", finally: "3s" },
      pipelineSpec: { tasks: [task("quick", "true")], finally: [task("slow", "sleep 60")] },
    },
    code: 1,
    expected: { reason: "Failed", tasks: { quick: "Succeeded", slow: "TaskRunCancelled" } },
  },
  {
    title: "an attempt that takes too long is made again, with time of its own",
    spec: {
      pipelineSpec: {
        tasks: [task("try", "[ $(context.task.retry-count) = 1 ] || sleep 60", { retries: 1, timeout: "6s" })],
      },
    },
    code: 0,
    expected: { reason: "Succeeded", tasks: { try: "TaskRunTimeout, Succeeded" } },
  },
  {
    title: "a step that takes too long fails, and those behind it do not run",
    spec: {
      pipelineSpec: {
        tasks: [
          task("work", [
            ["slow", "echo begun; sleep 60", { timeout: "1s", onError: "continue" }],
            ["next", "echo never"],
          ]),
        ],
      },
    },
    code: 1,
    expected: { reason: "Failed", tasks: { work: "StepFailed" } },
    shows: ["[work : slow] begun"],
    hides: ["never"],
  },
  {
    title: "Ctrl-C ends what runs, and starts nothing more",
    spec: {
      pipelineSpec: {
        tasks: [task("slow", patient), task("next", "true", { runAfter: ["slow"] })],
        finally: [task("after", "echo never")],
      },
    },
    interrupted: { after: "[slow : s] begun", times: 1 },
    code: 130,
    expected: { reason: "Cancelled", tasks: { slow: "TaskRunCancelled" } },
    shows: ["[slow : s] was told"],
    hides: ["never"],
  },
  {
    title: "Ctrl-C twice ends at once what does not listen",
    spec: {
      pipelineSpec: { tasks: [task("stubborn", "trap '' TERM; echo begun; while :; do sleep 1; done")] },
    },
    interrupted: { after: "[stubborn : s] begun", times: 2 },
    args: ["--grace", "60"],
    code: 130,
    expected: { reason: "Cancelled", tasks: { stubborn: "TaskRunCancelled" } },
  },
  {
    title: "a claim keeps what a failed attempt wrote into it, an emptyDir is new",
    spec: {
      workspaces: [claim, { name: "scratch", emptyDir: {} }],
      pipelineSpec: {
        ...uses("shared", "scratch"),
        results: [{ name: "seen", value: "$(tasks.try.results.seen)" }],
        tasks: [
          task(
            "try",
            `for each in shared scratch; do echo $(context.task.retry-count) >> /workspace/$each/attempts; done
             printf '%s/%s' "$(tr '\\n' ' ' < /workspace/shared/attempts)" "$(tr '\\n' ' ' < /workspace/scratch/attempts)" > $(results.seen.path)
             [ $(context.task.retry-count) = 2 ]`,
            { ...uses("shared", "scratch"), retries: 2 },
            { ...uses("shared", "scratch"), results: [result("seen")] },
          ),
        ],
      },
    },
    code: 0,
    expected: {
      reason: "Succeeded",
      tasks: { try: "StepFailed, StepFailed, Succeeded" },
      results: { seen: "0 1 2 /2 " },
    },
  },
  {
    title: "after a failure what runs goes on to its end, nothing more is begun, and finally is told of it",
    spec: {
      pipelineSpec: {
        results: [
          { name: "of-failed", value: "$(tasks.breaks.results.why)" },
          { name: "of-finally", value: "$(finally.tells.results.said)" },
        ],
        tasks: [
          task("breaks", "printf broken > $(results.why.path); exit 3", {}, { results: [result("why")] }),
          task("goes-on", "sleep 3; echo went on"),
          task("next", "echo never", { runAfter: ["goes-on"] }),
        ],
        finally: [
          task(
            "tells",
            "printf '$(params.all) $(params.one) $(params.none) $(params.why)' | tee $(results.said.path)",
            {
              params: [
                param("all", "$(tasks.status)"),
                param("one", "$(tasks.breaks.status)"),
                param("none", "$(tasks.next.status)"),
                param("why", "$(tasks.breaks.results.why)"),
              ],
            },
            { params: ["all", "one", "none", "why"].map((name) => ({ name })), results: [result("said")] },
          ),
          task("asks-in-vain", "echo never", {
            when: [{ input: "$(tasks.status)", operator: "in", values: ["Succeeded"] }],
          }),
        ],
      },
    },
    code: 1,
    expected: {
      reason: "Failed",
      tasks: { breaks: "StepFailed", "goes-on": "Succeeded", tells: "Succeeded" },
      skipped: { next: "PipelineRun was stopping", "asks-in-vain": "When Expressions evaluated to false" },
      results: { "of-failed": "broken", "of-finally": "Failed Failed None broken" },
    },
    shows: ["[goes-on : s] went on"],
    hides: ["never"],
  },
  {
    title: "a matrix fans out, and its results come together",
    spec: {
      pipelineSpec: {
        results: [{ name: "all", value: "$(tasks.join.results.all)" }],
        tasks: [
          task(
            "build",
            "printf '$(params.os)/$(params.arch)' > $(results.image.path)",
            {
              matrix: {
                params: [param("os", ["linux", "mac"]), param("arch", ["amd", "arm"])],
                include: [{ params: [param("os", "plan9"), param("arch", "mips")] }],
              },
            },
            { params: [{ name: "os" }, { name: "arch" }], results: [result("image")] },
          ),
          {
            name: "join",
            params: [
              param("images", ["$(tasks.build.results.image[*])"]),
              param("count", "$(tasks.build.matrix.length)"),
            ],
            taskSpec: {
              params: [{ name: "images", type: "array" }, { name: "count" }],
              results: [result("all")],
              steps: [
                {
                  name: "s",
                  image: busybox,
                  args: ["$(params.images[*])"],
                  script: 'printf "%s: %s" "$(params.count)" "$*" > $(results.all.path)',
                },
              ],
            },
          },
        ],
      },
    },
    code: 0,
    expected: {
      reason: "Succeeded",
      tasks: {
        "build-0": "Succeeded",
        "build-1": "Succeeded",
        "build-2": "Succeeded",
        "build-3": "Succeeded",
        "build-4": "Succeeded",
        join: "Succeeded",
      },
      // Tekton counts an include once for each of its params that has a value of its own.
      results: { all: "6: linux/amd mac/amd linux/arm mac/arm plan9/mips" },
    },
  },
  {
    title: "what when skips takes with it only what needs its results; a workspace may be absent",
    spec: {
      pipelineSpec: {
        workspaces: [{ name: "maybe", optional: true }],
        tasks: [
          task(
            "skipped",
            "printf x > $(results.r.path)",
            { when: [{ input: "$(workspaces.maybe.bound)", operator: "in", values: ["true"] }] },
            { results: [result("r")] },
          ),
          task(
            "orders",
            "echo 'is it there: $(workspaces.maybe.bound), at \"$(workspaces.maybe.path)\"'; [ ! -e /workspace/maybe ]",
            { runAfter: ["skipped"], ...uses("maybe") },
            { workspaces: [{ name: "maybe", optional: true }] },
          ),
          task(
            "needs",
            "echo never",
            { params: [param("x", "$(tasks.skipped.results.r)")] },
            { params: [{ name: "x" }] },
          ),
          task("needs-too", "echo never", { runAfter: ["needs"] }),
        ],
      },
    },
    code: 0,
    expected: {
      reason: "Completed",
      tasks: { orders: "Succeeded" },
      skipped: {
        skipped: "When Expressions evaluated to false",
        needs: "Results were missing",
        "needs-too": "Parent Tasks were skipped",
      },
    },
    shows: ['[orders : s] is it there: false, at ""'],
    hides: ["never"],
  },
  {
    title: "failures that are let pass: a step's exit code is kept, a task's goes no further",
    spec: {
      pipelineSpec: {
        tasks: [
          task("steps", [
            ["fails", "exit 7", { onError: "continue" }],
            ["works", "true"],
            ["asks", "echo $(cat $(steps.step-fails.exitCode.path)) and $(cat $(steps.step-works.exitCode.path))"],
          ]),
          task("breaks", "exit 3", { onError: "continue" }),
          task("goes-on", "true", { runAfter: ["breaks"] }),
        ],
      },
    },
    code: 0,
    expected: {
      reason: "Succeeded",
      tasks: { steps: "Succeeded", breaks: "FailureIgnored", "goes-on": "Succeeded" },
    },
    shows: ["[steps : asks] 7 and 0"],
  },
  {
    title: "texts, lists and objects go from task to task as they are",
    spec: {
      pipelineSpec: {
        results: [
          { name: "seen", value: "$(tasks.take.results.seen)" },
          { name: "list", value: "$(tasks.give.results.list[*])" },
          { name: "key", value: "$(tasks.give.results.object.b)" },
        ],
        tasks: [
          task(
            "give",
            `printf 'one\\ntwo\\n' > $(results.text.path)
             printf '["a b","c"]' > $(results.list.path)
             printf '{"a":"1","b":"2 3"}' > $(results.object.path)`,
            {},
            {
              results: [
                result("text"),
                result("list", "array"),
                result("object", "object", { properties: { a: { type: "string" }, b: { type: "string" } } }),
              ],
            },
          ),
          {
            name: "take",
            params: [
              param("text", "$(tasks.give.results.text)"),
              param("list", "$(tasks.give.results.list[*])"),
              param("object", "$(tasks.give.results.object[*])"),
              param("second", "$(tasks.give.results.list[1])"),
            ],
            taskSpec: {
              params: [
                { name: "text" },
                { name: "list", type: "array" },
                { name: "object", type: "object", properties: { a: { type: "string" }, b: { type: "string" } } },
                { name: "second" },
              ],
              results: [result("seen")],
              steps: [
                {
                  name: "s",
                  image: busybox,
                  env: [{ name: "TEXT", value: "$(params.text)" }],
                  args: ["$(params.list[*])", "$(params.object.b)", "$(params.second)"],
                  script: '(printf "%s|" "$TEXT" "$@") > $(results.seen.path)',
                },
              ],
            },
          },
        ],
      },
    },
    code: 0,
    expected: {
      reason: "Succeeded",
      tasks: { give: "Succeeded", take: "Succeeded" },
      results: { seen: "one\ntwo\n|a b|c|2 3|c|", list: ["a b", "c"], key: "2 3" },
    },
  },
];

/** What became of a run. */
export function courseOf(list: List): Course {
  const { metadata, status } = pipelineRunOf(list);
  const tasks = list.items.flatMap((item): [string, string][] => {
    if (item.kind !== "TaskRun") return [];
    const ends = [...(item.status.retriesStatus ?? []), item.status].map(({ conditions }) => conditions[0]?.reason);
    return [[item.metadata.name.slice(metadata.name.length + 1), ends.join(", ")]];
  });
  const skipped = (status.skippedTasks ?? []).map(({ name, reason }) => [name, reason]);
  const results = (status.results ?? []).map(({ name, value }) => [name, value]);
  return {
    reason: status.conditions[0]?.reason ?? "",
    tasks: Object.fromEntries(tasks),
    ...(skipped.length > 0 && { skipped: Object.fromEntries(skipped) }),
    ...(results.length > 0 && { results: Object.fromEntries(results) }),
  };
}
