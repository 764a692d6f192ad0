import { type List, pipelineRunOf, taskRunOf, valueOf } from "./status.ts";

/** A document, and what becomes of it on any engine, however that is reached: each has a way of its own for files to go in or out. */
export interface Conversation {
  readonly title: string;
  readonly document: string;
  readonly reason: string;
  /** Of the PipelineRun, or of the only TaskRun. */
  readonly results?: Readonly<Record<string, unknown>>;
  /** The output shows these lines. */
  readonly shows?: readonly string[];
}

const image = "docker.io/library/busybox:latest";

/** Longer than an argument may be. */
const longScript = `${Array.from({ length: 4000 }, (_, line) => `: line ${line}, which is there to make the script long`).join("\n")}\necho "the last line"`;

const taskRun = (spec: object, ...more: readonly object[]): string =>
  documents(
    { apiVersion: "tekton.dev/v1", kind: "TaskRun", metadata: { generateName: "conversation-" }, spec },
    ...more,
  );
const pipelineRun = (spec: object): string =>
  documents({ apiVersion: "tekton.dev/v1", kind: "PipelineRun", metadata: { generateName: "conversation-" }, spec });
/** JSON is YAML. */
const documents = (...all: readonly object[]): string => all.map((each) => JSON.stringify(each)).join("\n---\n");

const step = (name: string, script: string, more: object = {}): object => ({ name, image, script, ...more });
const flags = (data: Readonly<Record<string, string>>): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "feature-flags", namespace: "tekton-pipelines" },
  data,
});
const claim = {
  name: "shared",
  volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Mi" } } } },
};

/** An account with a login for a git server. */
const bot = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "bot" }, secrets: [{ name: "git" }] },
  {
    apiVersion: "v1",
    kind: "Secret",
    type: "kubernetes.io/basic-auth",
    metadata: { name: "git", annotations: { "tekton.dev/git-0": "https://git.example" } },
    stringData: { username: "bot", password: "kept-to-itself" },
  },
];

export const conversations: readonly Conversation[] = [
  {
    title: "two steps share an emptyDir, and a result is read",
    document: taskRun({
      taskSpec: {
        results: [{ name: "said" }],
        volumes: [{ name: "shared", emptyDir: {} }],
        stepTemplate: { volumeMounts: [{ name: "shared", mountPath: "/shared" }] },
        steps: [
          step("write", "echo -n from one step > /shared/note"),
          step("read", "cat /shared/note | tee $(results.said.path)"),
        ],
      },
    }),
    reason: "Succeeded",
    results: { said: "from one step" },
  },
  {
    title: "a claim goes from task to task, one of them with a part of it",
    document: pipelineRun({
      workspaces: [claim],
      pipelineSpec: {
        workspaces: [{ name: "shared" }],
        results: [{ name: "found", value: "$(tasks.read.results.found)" }],
        tasks: [
          {
            name: "write",
            workspaces: [{ name: "shared" }],
            taskSpec: {
              workspaces: [{ name: "shared" }],
              steps: [
                step("put", "mkdir -p $(workspaces.shared.path)/a/b; echo -n deep > $(workspaces.shared.path)/a/b/c"),
              ],
            },
          },
          {
            name: "read",
            runAfter: ["write"],
            workspaces: [{ name: "shared", subPath: "a/b" }],
            taskSpec: {
              workspaces: [{ name: "shared", readOnly: true, mountPath: "/in" }],
              results: [{ name: "found" }],
              steps: [step("get", "cat /in/c | tee $(results.found.path); ! touch /in/new")],
            },
          },
        ],
      },
    }),
    reason: "Succeeded",
    results: { found: "deep" },
  },
  {
    title: "a Pipeline in a Pipeline has its parent's claim and results",
    document: documents(
      {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        metadata: { generateName: "conversation-" },
        spec: {
          workspaces: [claim],
          pipelineSpec: {
            workspaces: [{ name: "shared" }],
            results: [{ name: "found", value: "$(tasks.read.results.found)" }],
            tasks: [
              {
                name: "make",
                taskSpec: { results: [{ name: "word" }], steps: [step("only", "echo -n word > $(results.word.path)")] },
              },
              {
                name: "child",
                params: [{ name: "word", value: "$(tasks.make.results.word)" }],
                workspaces: [{ name: "files", workspace: "shared", subPath: "below" }],
                pipelineSpec: {
                  params: [{ name: "word", type: "string" }],
                  workspaces: [{ name: "files" }],
                  tasks: [
                    {
                      name: "write",
                      params: [{ name: "word", value: "$(params.word)" }],
                      workspaces: [{ name: "files" }],
                      taskSpec: {
                        params: [{ name: "word", type: "string" }],
                        workspaces: [{ name: "files" }],
                        steps: [step("only", "echo -n $(params.word) > $(workspaces.files.path)/note")],
                      },
                    },
                  ],
                },
              },
              {
                name: "read",
                runAfter: ["child"],
                workspaces: [{ name: "shared" }],
                taskSpec: {
                  workspaces: [{ name: "shared" }],
                  results: [{ name: "found" }],
                  steps: [step("only", "cat $(workspaces.shared.path)/below/note | tee $(results.found.path)")],
                },
              },
            ],
          },
        },
      },
      flags({ "enable-api-fields": "alpha" }),
    ),
    reason: "Succeeded",
    results: { found: "word" },
  },
  {
    title: "a ConfigMap and a Secret are files with modes, variables and a workspace",
    document: taskRun(
      {
        workspaces: [{ name: "config", configMap: { name: "config" } }],
        taskSpec: {
          workspaces: [{ name: "config" }],
          results: [{ name: "seen" }],
          volumes: [
            { name: "secret", secret: { secretName: "login", items: [{ key: "user", path: "of/user", mode: 0o440 }] } },
            {
              name: "both",
              projected: { sources: [{ configMap: { name: "config" } }, { secret: { name: "login" } }] },
            },
          ],
          steps: [
            step(
              "look",
              'printf "%s %s %s %s %s" "$COLOUR" "$(cat $(workspaces.config.path)/colour)" "$(stat -Lc %a /secret/of/user)" "$(wc -c < /both/user)" "$(ls /both | tr "\\n" ,)" | tee $(results.seen.path)',
              {
                envFrom: [{ configMapRef: { name: "config" } }],
                env: [{ name: "COLOUR", valueFrom: { configMapKeyRef: { name: "config", key: "colour" } } }],
                volumeMounts: [
                  { name: "secret", mountPath: "/secret" },
                  { name: "both", mountPath: "/both" },
                ],
              },
            ),
          ],
        },
      },
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config" }, data: { colour: "blue" } },
      { apiVersion: "v1", kind: "Secret", metadata: { name: "login" }, stringData: { user: "somebody-else" } },
    ),
    reason: "Succeeded",
    results: { seen: "blue blue 440 13 colour,user," },
  },
  {
    title: "a volume in memory is kept small, and a part of it is mounted",
    document: taskRun({
      taskSpec: {
        results: [{ name: "type" }],
        volumes: [{ name: "quick", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }],
        steps: [
          step(
            "fill",
            "stat -f -c %T /quick | tee $(results.type.path); ! dd if=/dev/zero of=/quick/big bs=1M count=2; rm /quick/big; echo kept > /quick/part/note",
            {
              volumeMounts: [
                { name: "quick", mountPath: "/quick" },
                { name: "quick", mountPath: "/part", subPath: "part" },
              ],
            },
          ),
          step("read", "cat /part/note", { volumeMounts: [{ name: "quick", mountPath: "/part", subPath: "part" }] }),
        ],
      },
    }),
    reason: "Succeeded",
    results: { type: "tmpfs\n" },
    shows: ["[read] kept"],
  },
  {
    title:
      "a step waits until its sidecars are ready, by every way of asking; one that ends is begun again when it is Kubernetes' own",
    document: taskRun({
      taskSpec: {
        results: [{ name: "seen" }],
        volumes: [{ name: "pages", emptyDir: {} }],
        sidecars: [
          {
            name: "server",
            image,
            ports: [{ name: "web", containerPort: 8080 }],
            volumeMounts: [{ name: "pages", mountPath: "/pages" }],
            script: "sleep 1; echo ready > /pages/index.html; exec httpd -f -p 8080 -h /pages",
            startupProbe: { tcpSocket: { port: "web" }, periodSeconds: 1, failureThreshold: 60 },
            readinessProbe: { httpGet: { port: "web", path: "/index.html" }, periodSeconds: 1 },
            lifecycle: { postStart: { exec: { command: ["sh", "-c", "echo hooked > /pages/hook"] } } },
          },
          {
            name: "again",
            image,
            restartPolicy: "Always",
            volumeMounts: [{ name: "pages", mountPath: "/pages" }],
            script: "echo life >> /pages/lives; sleep 3; exit 3",
            startupProbe: { exec: { command: ["test", "-s", "/pages/lives"] }, periodSeconds: 1 },
          },
        ],
        steps: [
          step(
            "ask",
            "wget -qO- localhost:8080 > /tmp/got; until [ $(grep -c life /pages/lives) -ge 2 ]; do sleep 0.2; done; echo -n $(cat /tmp/got /pages/hook) | tee $(results.seen.path)",
            { volumeMounts: [{ name: "pages", mountPath: "/pages" }] },
          ),
        ],
      },
    }),
    reason: "Succeeded",
    results: { seen: "ready hooked" },
  },
  {
    title: "a sidecar answers at localhost and is stopped",
    document: taskRun({
      taskSpec: {
        volumes: [{ name: "pages", emptyDir: {} }],
        sidecars: [
          step("server", "echo served > /pages/index.html; exec httpd -f -p 8080 -h /pages", {
            volumeMounts: [{ name: "pages", mountPath: "/pages" }],
          }),
        ],
        steps: [
          step(
            "ask",
            "for try in 1 2 3 4 5 6 7 8 9; do wget -qO- http://localhost:8080 && exit; sleep 0.3; done; exit 1",
          ),
        ],
      },
    }),
    reason: "Succeeded",
    shows: ["[ask] served"],
  },
  {
    title: "an attempt that fails is made again",
    document: pipelineRun({
      pipelineSpec: {
        results: [{ name: "attempt", value: "$(tasks.try.results.attempt)" }],
        tasks: [
          {
            name: "try",
            retries: 1,
            taskSpec: {
              results: [{ name: "attempt" }],
              steps: [
                step(
                  "only",
                  "[ $(context.task.retry-count) = 1 ] && echo -n $(context.task.retry-count) > $(results.attempt.path)",
                ),
              ],
            },
          },
        ],
      },
    }),
    reason: "Succeeded",
    results: { attempt: "1" },
  },
  {
    title: "after a failure comes what is finally to be done",
    document: pipelineRun({
      pipelineSpec: {
        tasks: [{ name: "break", taskSpec: { steps: [step("only", "exit 3")] } }],
        finally: [
          {
            name: "tell",
            params: [{ name: "how", value: "$(tasks.break.status)" }],
            taskSpec: { params: [{ name: "how" }], steps: [step("only", "echo it ended: $(params.how)")] },
          },
        ],
      },
    }),
    reason: "Failed",
    shows: ["[tell : only] it ended: Failed"],
  },
  {
    title: "a later step reads with which code an earlier one failed",
    document: taskRun({
      taskSpec: {
        steps: [
          step("fails", "exit 7", { onError: "continue" }),
          step("asks", "echo it was $(cat $(steps.step-fails.exitCode.path))"),
        ],
      },
    }),
    reason: "Succeeded",
    shows: ["[asks] it was 7"],
  },
  {
    title: "a step names the results of one before it, in its arguments, its variables and its conditions",
    document: taskRun({
      taskSpec: {
        results: [{ name: "surfaced", value: "$(steps.make.results.text)" }, { name: "seen" }],
        steps: [
          step(
            "make",
            "printf 'a b' > $(step.results.text.path); printf '[\"x\",\"y z\"]' > $(step.results.list.path)",
            {
              results: [{ name: "text" }, { name: "list", type: "array" }],
            },
          ),
          {
            name: "use",
            image,
            command: ["sh", "-c", 'printf "%s|" "$TEXT" "$@" | tee $(results.seen.path)', "sh"],
            args: ["$(steps.make.results.text)", "$(steps.make.results.list[*])", "$(steps.make.results.list[0])"],
            env: [{ name: "TEXT", value: "it is $(steps.make.results.text)" }],
          },
          step("not", "echo not this one", {
            when: [{ input: "$(steps.make.results.text)", operator: "in", values: ["c", "d"] }],
          }),
          step("last", "echo after $(cat $(steps.step-not.exitCode.path))", {
            when: [{ input: "x", operator: "in", values: ["$(steps.make.results.list[*])"] }],
          }),
        ],
      },
    }),
    reason: "Succeeded",
    results: { surfaced: "a b", seen: "it is a b|a b|x|y z|x|" },
    shows: ["[last] after 0"],
  },
  {
    title: "a step's output is copied into files that the next one sees",
    document: taskRun(
      {
        taskSpec: {
          results: [{ name: "said" }, { name: "seen" }],
          stepTemplate: { securityContext: { runAsUser: 1000 } },
          steps: [
            step("says", "printf result; echo aside >&2", {
              workingDir: "/workspace/deep",
              stdoutConfig: { path: "$(results.said.path)" },
              stderrConfig: { path: "logs/aside" },
            }),
            step("both", "echo out; echo err >&2", {
              stdoutConfig: { path: "/workspace/both" },
              stderrConfig: { path: "/workspace/both" },
            }),
            step(
              "sees",
              "cd /workspace; (cat deep/logs/aside; sort both; stat -c '%u' both) | tee $(results.seen.path)",
            ),
          ],
        },
      },
      flags({ "enable-api-fields": "alpha" }),
    ),
    reason: "Succeeded",
    results: { said: "result", seen: "aside\nerr\nout\n1000\n" },
    shows: ["[says] aside"],
  },
  {
    title: "artifacts of a step and of a task are handed on",
    document: documents(
      {
        apiVersion: "tekton.dev/v1",
        kind: "PipelineRun",
        metadata: { generateName: "conversation-" },
        spec: {
          pipelineSpec: {
            tasks: [
              {
                name: "make",
                taskSpec: {
                  steps: [
                    step(
                      "write",
                      `echo '{"outputs":[{"name":"image","values":[{"uri":"pkg:oci/a","digest":{"sha256":"b2"}}]}]}' > $(step.artifacts.path)`,
                    ),
                    step("read", "echo '$(steps.write.outputs.image)'"),
                  ],
                },
              },
              {
                name: "take",
                runAfter: ["make"],
                taskSpec: { steps: [step("read", "echo 'from the task: $(tasks.make.outputs.image)'")] },
              },
            ],
          },
        },
      },
      flags({ "enable-artifacts": "true" }),
    ),
    reason: "Succeeded",
    shows: [
      '[make : read] [{"digest":{"sha256":"b2"},"uri":"pkg:oci/a"}]',
      '[take : read] from the task: [{"digest":{"sha256":"b2"},"uri":"pkg:oci/a"}]',
    ],
  },
  {
    title: "a script longer than an argument may be",
    document: taskRun({ taskSpec: { steps: [step("long", longScript)] } }),
    reason: "Succeeded",
    shows: ["[long] the last line"],
  },
  {
    title: "credentials are in the home of a user who is not root",
    document: taskRun(
      {
        serviceAccountName: "bot",
        podTemplate: { securityContext: { runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000 } },
        taskSpec: {
          results: [{ name: "said" }],
          volumes: [{ name: "shared", emptyDir: {} }],
          steps: [
            step(
              "look",
              'touch /shared/mine; printf "%s %s %s" "$(id -u)" "$(stat -c %a "$HOME/.git-credentials")" "$(grep -c credential "$HOME/.gitconfig")" | tee $(results.said.path)',
              { volumeMounts: [{ name: "shared", mountPath: "/shared" }] },
            ),
          ],
        },
      },
      ...bot,
    ),
    reason: "Succeeded",
    results: { said: "1000 600 2" },
  },
  {
    title: "credentials are where $(credentials.path) says, though the root may not be written",
    document: taskRun(
      {
        serviceAccountName: "bot",
        taskSpec: {
          results: [{ name: "said" }],
          steps: [
            step("look", "ls -A $(credentials.path) | tee $(results.said.path); ! touch /new", {
              securityContext: { readOnlyRootFilesystem: true, runAsUser: 1000 },
            }),
          ],
        },
      },
      ...bot,
    ),
    reason: "Succeeded",
    results: { said: ".git-credentials\n.gitconfig\n" },
  },
  {
    title: "a result as long as results may be",
    document: taskRun({
      taskSpec: {
        results: [{ name: "long" }],
        steps: [step("only", "head -c 3000 /dev/zero | tr '\\0' x > $(results.long.path)")],
      },
    }),
    reason: "Succeeded",
    results: { long: "x".repeat(3000) },
  },
  {
    title: "a step that takes too long is ended",
    document: taskRun({ taskSpec: { steps: [step("slow", "sleep 60", { timeout: "1s" })] } }),
    reason: "StepFailed",
  },
];

/** What became of a run: the reason, and what was asked for of the results. */
export function outcomeOf(list: List, { results }: Conversation): Pick<Conversation, "reason" | "results"> {
  const isPipeline = list.items.some(({ kind }) => kind === "PipelineRun");
  const { status } = isPipeline ? pipelineRunOf(list) : taskRunOf(list);
  const reason = status.conditions[0]?.reason ?? "";
  return results === undefined
    ? { reason }
    : {
        reason,
        results: Object.fromEntries(Object.keys(results).map((name) => [name, valueOf(status.results, name)])),
      };
}
