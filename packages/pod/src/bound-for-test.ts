import { originForTest } from "./origin-for-test.ts";
import { asImageRef, asRunId } from "@lapcat/engine";
import { asPipelineTaskName, asTaskRunName, type BoundTaskRun } from "@lapcat/plan";
import {
  type ClusterObjects,
  type ConfigMap,
  type Origin,
  type ResolvedTask,
  type Secret,
  type ServiceAccount,
  type TaskSpec,
} from "@lapcat/tekton";
import { bytesOf } from "./bytes.ts";
import { type PodOptions } from "./pod-options.ts";

/** A TaskRun called `run` of this Task, bound to as little as a test needs to say. */
export function boundForTest(
  spec: TaskSpec,
  over: Partial<BoundTaskRun> & { readonly account?: string } = {},
): BoundTaskRun {
  const task: ResolvedTask = {
    name: "task",
    spec,
    embedded: false,
    labels: {},
    annotations: {},
    origin: originForTest,
    path: ["spec"],
    provenance: { uri: "test.yaml", digest: {} },
  };
  const { account = "default", ...rest } = over;
  const shared = {
    workspaces: rest.workspaces ?? [],
    podTemplate: rest.podTemplate ?? {},
    labels: {},
    annotations: {},
  };
  return {
    kind: "TaskRun",
    planned: {
      kind: "task",
      name: asPipelineTaskName("run"),
      memberOf: "tasks",
      predecessors: [],
      resultsFrom: [],
      pipelineTask: { name: "run" },
      task,
      taskRunName: asTaskRunName("run"),
      ...shared,
      serviceAccountName: account,
      stepSpecs: [],
      sidecarSpecs: [],
      computeResources: undefined,
      timeout: undefined,
      retries: 0,
      onError: "stopAndFail",
    },
    name: asTaskRunName("run"),
    namespace: "default",
    uid: "00000000-0000-4000-8000-000000000001",
    params: [],
    task,
    attempt: 0,
    ...shared,
    ...rest,
  };
}

export function optionsForTest(over: Partial<PodOptions> = {}): PodOptions {
  return { run: asRunId("run-1"), objects: objectsForTest({}), mapImage: (image) => asImageRef(image), ...over };
}

interface ObjectsForTest {
  readonly secrets?: readonly {
    readonly name: string;
    readonly type?: string;
    readonly data: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  }[];
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly accounts?: readonly {
    readonly name: string;
    readonly secrets?: readonly string[];
    readonly imagePullSecrets?: readonly string[];
  }[];
}

export function objectsForTest({ secrets = [], configMaps = {}, accounts = [] }: ObjectsForTest): ClusterObjects {
  const secretOf = ({ name, type = "Opaque", data, annotations = {} }: (typeof secrets)[number]): Secret => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, annotations },
    type,
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, bytesOf(text)])),
  });
  const configMapOf = (name: string, data: Readonly<Record<string, string>>): ConfigMap => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data,
    binaryData: {},
  });
  const accountOf = ({
    name,
    secrets: own = [],
    imagePullSecrets = [],
  }: (typeof accounts)[number]): ServiceAccount => ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name },
    secrets: own.map((each) => ({ name: each })),
    imagePullSecrets: imagePullSecrets.map((each) => ({ name: each })),
  });
  const located = <R>(resource: R): { readonly resource: R; readonly origin: Origin } => ({
    resource,
    origin: originForTest,
  });
  return {
    secrets: new Map(secrets.map((secret) => [secret.name, located(secretOf(secret))])),
    configMaps: new Map(Object.entries(configMaps).map(([name, data]) => [name, located(configMapOf(name, data))])),
    serviceAccounts: new Map(accounts.map((account) => [account.name, located(accountOf(account))])),
    claims: new Map(),
  };
}
