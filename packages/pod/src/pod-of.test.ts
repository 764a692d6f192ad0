import { type ContainerSpec } from "@lapcat/engine";
import { type TaskSpec, type TektonVersion } from "@lapcat/tekton";
import { expect, test } from "vitest";
import { boundForTest, objectsForTest, optionsForTest } from "./bound-for-test.ts";
import { podFailure } from "./pod-failure.ts";
import { podOf } from "./pod-of.ts";
import { type PodOptions } from "./pod-options.ts";
import { type PodPlan } from "./pod-plan.ts";

type Over = Parameters<typeof boundForTest>[1];

function planOf(spec: TaskSpec, over: Over = {}, options: Partial<PodOptions> = {}): PodPlan {
  const result = podOf(boundForTest(spec, over), optionsForTest(options));
  if (!result.ok) throw new Error(result.diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return result.value;
}

function containersOf(spec: TaskSpec, over: Over = {}, options: Partial<PodOptions> = {}): readonly ContainerSpec[] {
  return planOf(spec, over, options).spec.containers;
}

function stepOf(spec: TaskSpec, over: Over = {}, options: Partial<PodOptions> = {}): ContainerSpec {
  const [first] = containersOf(spec, over, options);
  if (first === undefined) throw new Error("no container");
  return first;
}

function codesOf(spec: TaskSpec, over: Over = {}, options: Partial<PodOptions> = {}): readonly string[] {
  const result = podOf(boundForTest(spec, over), optionsForTest(options));
  return result.diagnostics.map(({ code, severity }) => `${severity} ${code}`);
}

const image = "alpine:3";
const scratch = { kind: "emptyDir", medium: "disk" } as const;

test("envFrom, stepTemplate, step and podTemplate set a variable in this order, the later wins", () => {
  const objects = objectsForTest({ configMaps: { c: { A: "imported", B: "imported", C: "imported", D: "imported" } } });
  const { env } = stepOf(
    {
      stepTemplate: {
        env: [
          { name: "B", value: "template" },
          { name: "C", value: "template" },
          { name: "D", value: "template" },
        ],
      },
      steps: [
        {
          image,
          envFrom: [{ configMapRef: { name: "c" } }],
          env: [
            { name: "C", value: "step" },
            { name: "D", value: "step" },
          ],
        },
      ],
    },
    { podTemplate: { env: [{ name: "D", value: "pod" }] } },
    { objects },
  );
  expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).toEqual({
    A: "imported",
    B: "template",
    C: "step",
    D: "pod",
  });
});

test("Kubernetes expands variables in command, args and env, and not in a script", () => {
  const [first, second] = containersOf({
    steps: [
      {
        image,
        command: ["$(A)", "$$(A)"],
        args: ["$(B)", "$(NONE)", "$$"],
        env: [
          { name: "A", value: "a" },
          { name: "B", value: "$(A)b$(C)" },
          { name: "C", value: "c" },
        ],
      },
      { image, script: "echo $(A) $$", env: [{ name: "A", value: "a" }] },
    ],
  });
  expect(first?.command).toEqual(["a", "$(A)"]);
  expect(first?.args).toEqual(["ab$(C)", "$(NONE)", "$"]);
  expect(second?.command?.[0]).toMatch(/^\/tekton\/scripts\/script-1-[a-z0-9]{5}$/u);
});

test.for<[name: string, script: string, tekton: TektonVersion | undefined, expected: string]>([
  ["without an interpreter it runs under sh", "echo a\n", undefined, "#!/bin/sh\nset -e\necho a\n"],
  ["before v0.32 its commands are printed", "echo a\n", { major: 0, minor: 31 }, "#!/bin/sh\nset -xe\necho a\n"],
  [
    "with an interpreter it is left alone, a blank line before it included",
    "\n#!/bin/bash\necho a",
    undefined,
    "\n#!/bin/bash\necho a",
  ],
])("a script: %s", ([, script, tekton, expected]) => {
  const plan = planOf({ steps: [{ image, script, args: ["x"] }] }, tekton === undefined ? {} : { tekton });
  const volume = plan.spec.volumes.find(({ name }) => name === "tekton-internal-scripts");
  const file = volume?.kind === "files" ? volume.files[0] : undefined;
  expect(file?.content).toEqual({ kind: "text", text: expected });
  expect(file?.mode).toBe(0o755);
  expect(plan.spec.containers[0]?.command).toEqual([`/tekton/scripts/${file?.path}`]);
  expect(plan.spec.containers[0]?.args).toEqual(["x"]);
});

test("an old Tekton gives every step its home and a working directory", () => {
  const step = stepOf({ steps: [{ image }] }, { tekton: { major: 0, minor: 23 } });
  expect(step.env).toEqual([{ name: "HOME", value: "/tekton/home" }]);
  expect(step.workingDir).toBe("/workspace");
});

test("every step has Tekton's own paths, and may write into its own run directory only", () => {
  const [first, second, sidecar] = containersOf({ steps: [{ image }, { image }], sidecars: [{ name: "s", image }] });
  const paths = (container: ContainerSpec | undefined): readonly string[] =>
    (container?.mounts ?? []).map(({ path, readOnly }) => (readOnly ? `${path} ro` : path));
  expect(paths(first)).toEqual([
    "/workspace",
    "/tekton/home",
    "/tekton/results",
    "/tekton/steps ro",
    "/tekton/artifacts",
    "/tekton/run ro",
    "/tekton/run/0",
  ]);
  expect(paths(second).at(-1)).toBe("/tekton/run/1");
  expect(paths(sidecar)).toEqual([]);
});

test("what a step mounts at one of Tekton's paths stands", () => {
  const plan = planOf({
    results: [{ name: "r" }],
    volumes: [{ name: "v", emptyDir: {} }],
    steps: [
      {
        image,
        volumeMounts: [
          { name: "v", mountPath: "/tekton/home/" },
          { name: "v", mountPath: "/tekton/results", subPath: "s" },
        ],
      },
    ],
  });
  expect(plan.spec.containers[0]?.mounts.filter(({ path }) => path === "/tekton/home")).toEqual([
    { volume: "v", path: "/tekton/home", readOnly: false },
  ]);
  expect(plan.results).toEqual([{ name: "r", type: "string", properties: {}, volume: "v", path: "s/r" }]);
});

test("a workspace is mounted into all, or only into those that list it", () => {
  const containers = containersOf(
    {
      workspaces: [{ name: "all", readOnly: true }, { name: "some" }],
      steps: [{ image, workspaces: [{ name: "some", mountPath: "/mine" }] }, { image }],
      sidecars: [{ name: "s", image }],
    },
    {
      workspaces: [
        { name: "all", source: scratch, subPath: "a/b" },
        { name: "some", source: scratch },
      ],
    },
  );
  const own = containers.map(({ mounts }) =>
    mounts
      .filter(({ volume }) => volume.startsWith("ws-"))
      .map(({ path, subPath, readOnly }) => ({ path, subPath, readOnly })),
  );
  const all = { path: "/workspace/all", subPath: "a/b", readOnly: true };
  expect(own).toEqual([[{ path: "/mine", subPath: undefined, readOnly: false }, all], [all], [all]]);
});

test("a claim bound twice is one volume", () => {
  const source = { kind: "claim", claimName: "c", scope: "kept", readOnly: false } as const;
  const plan = planOf(
    { workspaces: [{ name: "a" }, { name: "b" }], steps: [{ image }] },
    {
      workspaces: [
        { name: "a", source },
        { name: "b", source },
      ],
    },
  );
  const claims = plan.spec.volumes.filter(({ kind }) => kind === "claim");
  expect(claims).toHaveLength(1);
  expect(plan.spec.containers[0]?.mounts.filter(({ volume }) => volume === claims[0]?.name)).toHaveLength(2);
});

test("a working directory below /workspace is made in the volume that stands there", () => {
  const plan = planOf(
    {
      workspaces: [{ name: "w" }],
      steps: [
        { image, workingDir: "rel" },
        { image, workingDir: "/workspace/w/x/../y" },
        { image, workingDir: "/else" },
      ],
    },
    { workspaces: [{ name: "w", source: scratch, subPath: "sub" }] },
  );
  expect(plan.spec.containers.map(({ workingDir }) => workingDir)).toEqual([
    "/workspace/rel",
    "/workspace/w/y",
    "/else",
  ]);
  const directories = plan.spec.volumes.flatMap((volume) =>
    volume.kind === "scratch" && volume.name !== "tekton-internal-run" ? volume.directories : [],
  );
  expect(directories).toEqual(["rel", "sub/y"]);
});

test("a secret's key becomes a file with its mode, and a text to mask", () => {
  const objects = objectsForTest({ secrets: [{ name: "s", data: { a: "hidden\n", b: "unused" } }] });
  const plan = planOf(
    {
      volumes: [{ name: "v", secret: { secretName: "s", items: [{ key: "a", path: "d/f", mode: 0o400 }] } }],
      steps: [{ image, volumeMounts: [{ name: "v", mountPath: "/v" }] }],
    },
    {},
    { objects },
  );
  expect(plan.spec.volumes.at(-1)).toEqual({
    kind: "files",
    name: "v",
    files: [{ path: "d/f", content: { kind: "text", text: "hidden\n" }, mode: 0o400, secret: true }],
  });
  expect(plan.secrets).toEqual(["hidden"]);
  expect(plan.spec.containers[0]?.mounts.find(({ volume }) => volume === "v")?.readOnly).toBe(true);
});

test("security: the step over the Pod, fsGroup as one more group", () => {
  const { security } = stepOf(
    { steps: [{ image, securityContext: { runAsUser: 7, capabilities: { add: ["X"] } } }] },
    { podTemplate: { securityContext: { runAsUser: 1, runAsGroup: 2, fsGroup: 3, runAsNonRoot: true } } },
  );
  expect(security).toEqual({
    privileged: false,
    user: 7,
    group: 2,
    runAsNonRoot: true,
    supplementalGroups: [3],
    capabilities: { add: ["X"], drop: [] },
    readOnlyRootFilesystem: false,
    allowPrivilegeEscalation: true,
  });
});

test.for<[image: string, policy: string | undefined, expected: string]>([
  ["a", undefined, "IfNotPresent"],
  ["a:latest", undefined, "IfNotPresent"],
  ["a:1", undefined, "IfNotPresent"],
  [`a@sha256:${"0".repeat(64)}`, undefined, "IfNotPresent"],
  ["a:1", "Never", "Never"],
])("image %s with policy %s is pulled: %s", ([written, imagePullPolicy, expected]) => {
  expect(
    stepOf({ steps: [{ image: written, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) }] }).pullPolicy,
  ).toBe(expected);
});

test("limits are the step's, the TaskRun's for that step, or the TaskRun's for every step", () => {
  const bound = boundForTest({
    steps: [{ name: "a", image, computeResources: { limits: { cpu: "1", memory: "1Ki" } } }],
  });
  const resources = (planned: Partial<typeof bound.planned>): unknown => {
    const result = podOf({ ...bound, planned: { ...bound.planned, ...planned } }, optionsForTest());
    return result.ok && result.value.spec.containers[0]?.resources;
  };
  expect(resources({})).toEqual({ cpus: 1, memory: 1024 });
  expect(resources({ stepSpecs: [{ name: "a", computeResources: { limits: { cpu: "500m" } } }] })).toEqual({
    cpus: 0.5,
    memory: 1024,
  });
  expect(resources({ computeResources: { limits: { cpu: 2 } } })).toEqual({ cpus: 2 });
  expect(resources({ computeResources: { requests: { cpu: 2 } } })).toEqual({});
});

test("the TaskRun's requests are divided among the steps, and its limits where nobody requests", () => {
  const resource = (name: string): string => `requests.${name}`;
  const env = ["cpu", "memory"].map((name) => ({
    name,
    valueFrom: { resourceFieldRef: { resource: resource(name) } },
  }));
  const asked = (computeResources: { limits?: Record<string, string>; requests?: Record<string, string> }): unknown => {
    const bound = boundForTest({ steps: [{ image, env }, { image }, { image }] });
    const planned = { ...bound.planned, computeResources };
    const result = podOf({ ...bound, planned }, optionsForTest());
    return result.ok && result.value.spec.containers[0]?.env.map(({ value }) => value);
  };
  expect(asked({ requests: { cpu: "6", memory: "100" } })).toEqual(["2", "33"]);
  expect(asked({ limits: { cpu: "9", memory: "300" } })).toEqual(["3", "100"]);
});

test("what the cluster's settings say of every Pod", () => {
  const settings = {
    awaitSidecars: true,
    kubernetesSidecar: false,
    credsInit: true,
    forbiddenEnv: [],
    managedBy: "me",
    alpha: true,
  };
  const hermetic = { annotations: { "experimental.tekton.dev/execution-mode": "hermetic" } };
  const { spec } = planOf({ steps: [{ image }] }, hermetic, { settings });
  expect(spec.labels["app.kubernetes.io/managed-by"]).toBe("me");
  expect(spec.containers[0]?.env).toEqual([{ name: "TEKTON_HERMETIC", value: "1" }]);
  expect(stepOf({ steps: [{ image }] }, hermetic).env).toEqual([]);
});

test("a private authority is mounted, and told to programs that replace nothing by it", () => {
  const step = stepOf({ steps: [{ image }] }, {}, { caFile: { pem: "PEM" } });
  expect(step.mounts.at(-1)?.path).toBe("/tekton/lapcat-ca");
  const names = step.defaultEnv.map(({ name }) => name);
  expect(step.defaultEnv).toContainEqual({
    name: "SSL_CERT_DIR",
    value: expect.stringContaining("/tekton/lapcat-ca/certs"),
    extendsImage: ":",
  });
  expect(names).not.toContain("SSL_CERT_FILE");
  expect(
    stepOf({ steps: [{ image }] }, {}, { caFile: { pem: "PEM", bundlePem: "ALL" } }).defaultEnv.map(({ name }) => name),
  ).toContain("SSL_CERT_FILE");
});

test.for<[name: string, spec: TaskSpec, expected: string, over?: Over]>([
  ["a param that nobody declares", { steps: [{ image, script: "$(params.none)" }] }, "error reference.unknown"],
  [
    "a missing Secret",
    { steps: [{ image, env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] }] },
    "error secret.missing",
  ],
  [
    "a missing ConfigMap",
    { steps: [{ image, envFrom: [{ configMapRef: { name: "c" } }] }] },
    "error configmap.missing",
  ],
  ["a missing account", { steps: [{ image }] }, "error serviceaccount.missing", { account: "other" }],
  ["a hostPath", { steps: [{ image }], volumes: [{ name: "v", hostPath: { path: "/" } }] }, "error volume.forbidden"],
  ["a csi volume", { steps: [{ image }], volumes: [{ name: "v", csi: { driver: "d" } }] }, "error field.unsupported"],
  ["a mount of no volume", { steps: [{ image, volumeMounts: [{ name: "v", mountPath: "/v" }] }] }, "error field.value"],
  [
    "a subPath that leads out",
    {
      steps: [{ image, volumeMounts: [{ name: "v", mountPath: "/v", subPath: "../.." }] }],
      volumes: [{ name: "v", emptyDir: {} }],
    },
    "error path.escape",
  ],
  [
    "an item that leads out",
    { steps: [{ image }], volumes: [{ name: "v", configMap: { name: "have", items: [{ key: "k", path: "../k" }] } }] },
    "error path.escape",
  ],
  [
    "a missing key",
    { steps: [{ image }], volumes: [{ name: "v", configMap: { name: "have", items: [{ key: "none", path: "k" }] } }] },
    "error key.missing",
  ],
  [
    "two mounts at one path",
    {
      steps: [
        {
          image,
          volumeMounts: [
            { name: "v", mountPath: "/v" },
            { name: "v", mountPath: "/v/" },
          ],
        },
      ],
      volumes: [{ name: "v", emptyDir: {} }],
    },
    "error field.duplicate",
  ],
  [
    "a variable with a value and a source",
    { steps: [{ image, env: [{ name: "A", value: "a", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] }] },
    "error field.conflict",
  ],
  [
    "a source of the step's over another kind of the template's",
    {
      stepTemplate: { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
      steps: [{ image, env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "have", key: "k" } } }] }],
    },
    "error field.conflict",
  ],
  ["an image without a name", { steps: [{ image: "UPPER CASE" }] }, "error image.name"],
  ["a step with a ref", { steps: [{ ref: { name: "action" } }] }, "error field.unsupported"],
  ["an artifact without a name", { steps: [{ image, args: ["$(steps.a.outputs)"] }] }, "warning reference.unknown"],
  [
    "a grpc probe",
    { steps: [{ image }], sidecars: [{ name: "s", image, readinessProbe: { grpc: { port: 1 } } }] },
    "error field.unsupported",
  ],
  ["an onError of another kind", { steps: [{ image, onError: "ignore" }] }, "error field.value"],
  ["a timeout that is none", { steps: [{ image, timeout: "soon" }] }, "error field.value"],
  ["scheduling", { steps: [{ image }] }, "warning field.no-effect", { podTemplate: { nodeSelector: { a: "b" } } }],
  [
    "a limit of an emptyDir on disk",
    { steps: [{ image }], volumes: [{ name: "v", emptyDir: { sizeLimit: "1Mi" } }] },
    "warning field.no-effect",
  ],
])("%s is told", ([, spec, expected, over]) => {
  expect(codesOf(spec, over, { objects: objectsForTest({ configMaps: { have: { k: "v" } } }) })).toContain(expected);
});

test("optional references may be absent", () => {
  const { env } = stepOf({
    volumes: [{ name: "v", secret: { secretName: "s", optional: true } }],
    steps: [
      {
        image,
        envFrom: [{ secretRef: { name: "s", optional: true } }],
        env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "c", key: "k", optional: true } } }],
      },
    ],
  });
  expect(env).toEqual([]);
});

test("a Pod that cannot be made has Tekton's reason", () => {
  const failureOf = (spec: TaskSpec): unknown => {
    const bound = boundForTest(spec);
    return podFailure(bound, podOf(bound, optionsForTest()).diagnostics);
  };
  expect(failureOf({ steps: [{ image, script: "$(params.x)" }] })).toEqual({
    reason: "PodCreationFailed",
    message:
      'failed to create task run pod "run": non-existent variable $(params.x) in step "step-unnamed-0". Maybe missing or invalid Task default/task',
  });
  expect(failureOf({ steps: [{ image, envFrom: [{ secretRef: { name: "s" } }] }] })).toMatchObject({
    reason: "CreateContainerConfigError",
  });
  expect(failureOf({ steps: [{ image: "A B" }, { image: "A B", script: "true" }] })).toMatchObject({
    reason: "PodCreationFailed",
  });
  expect(failureOf({ stepTemplate: { command: ["true"] }, steps: [{ image: "A B" }] })).toEqual({
    reason: "TaskRunImagePullFailed",
    message:
      'the step "unnamed-0" in TaskRun "run" failed to pull the image "". The pod errored with the message: ""A B" is no image reference."',
  });
});

test("steps say how they are driven", () => {
  const plan = planOf({ steps: [{ name: "a", image, timeout: "1m", onError: "continue" }, { image }] });
  expect(plan.steps).toEqual([
    {
      name: "a",
      container: "step-a",
      onError: "continue",
      timeout: 60_000,
      directory: { volume: "tekton-internal-run", path: "0/status" },
      results: [],
      copies: {},
      when: [],
    },
    {
      name: "unnamed-1",
      container: "step-unnamed-1",
      onError: "stopAndFail",
      timeout: undefined,
      directory: { volume: "tekton-internal-run", path: "1/status" },
      results: [],
      copies: {},
      when: [],
    },
  ]);
});

test("podTemplate reaches the network", () => {
  const { spec } = planOf(
    { steps: [{ image }] },
    {
      podTemplate: {
        hostNetwork: true,
        hostAliases: [{ ip: "10.0.0.1", hostnames: ["a"] }],
        dnsConfig: { nameservers: ["1.1.1.1"], options: [{ name: "ndots", value: "2" }] },
      },
    },
  );
  expect(spec).toMatchObject({
    network: "host",
    hostAliases: [{ ip: "10.0.0.1", hostnames: ["a"] }],
    dns: { nameservers: ["1.1.1.1"], searches: [], options: ["ndots:2"] },
  });
});
