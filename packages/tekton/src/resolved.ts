import { type ConfigMap, type PersistentVolumeClaim, type Secret, type ServiceAccount } from "./kubernetes.ts";
import { type Param } from "./param.ts";
import { type PipelineSpec } from "./pipeline.ts";
import { type Located, type Origin, type Provenance } from "./resource.ts";
import { type PipelineRun, type TaskRun } from "./runs.ts";
import { type StepAction, type TaskSpec } from "./task.ts";

/**
 * A closed run: every reference has its definition, so nothing has to be looked up after this.
 * Names are generated, the uid is given, defaults are filled in.
 */
export type ResolvedRun = ResolvedPipelineRun | ResolvedTaskRun;

/** What a resolver gave for a reference whose variables are replaced. In a run's record it stands for asking again. */
export interface Fetched {
  readonly resolver: string;
  readonly kind: "Task" | "Pipeline" | "StepAction";
  readonly params: readonly Param[];
  readonly text: string;
  readonly provenance: Provenance;
}

export interface ResolvedPipelineRun {
  readonly kind: "PipelineRun";
  readonly run: Located<PipelineRun>;
  readonly pipeline: ResolvedPipeline;
  /** By PipelineTask name, those of `finally` too. */
  readonly tasks: ReadonlyMap<string, ResolvedTask>;
  /** Those that are Pipelines of their own, by PipelineTask name; none of them has an entry in `tasks`. */
  readonly children: ReadonlyMap<string, ResolvedChild>;
  readonly objects: ClusterObjects;
  /** By resolvers, each once. */
  readonly fetched?: readonly Fetched[];
}

/** What a PipelineTask with `pipelineRef` or `pipelineSpec` makes a child PipelineRun of. */
export type ResolvedChild =
  | {
      readonly kind: "pipeline";
      /** An embedded one is named by each PipelineRun that is made of it. */
      readonly pipeline: ResolvedPipeline;
      readonly tasks: ReadonlyMap<string, ResolvedTask>;
      readonly children: ReadonlyMap<string, ResolvedChild>;
    }
  /** The Pipeline that is referred to is among those that it would run in; `within` are the ones between, innermost first. */
  | { readonly kind: "cycle"; readonly pipeline: string; readonly within: readonly string[] };

export interface ResolvedTaskRun {
  readonly kind: "TaskRun";
  readonly run: Located<TaskRun>;
  readonly task: ResolvedTask;
  readonly objects: ClusterObjects;
  readonly fetched?: readonly Fetched[];
}

export interface ResolvedPipeline {
  /** The Pipeline's name; an embedded one has the PipelineRun's. */
  readonly name: string;
  readonly spec: PipelineSpec;
  readonly embedded: boolean;
  /** A resolver gave it: the name is its own, and no document among the run's has it. */
  readonly remote?: true;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly origin: Origin;
  /** Where `spec` stands in the origin: `["spec"]`, or `["spec","pipelineSpec"]`. */
  readonly path: readonly (string | number)[];
  readonly provenance: Provenance;
}

export interface ResolvedTask {
  /** The Task's name; an embedded one has none. */
  readonly name: string | undefined;
  readonly spec: TaskSpec;
  readonly embedded: boolean;
  /** As of a Pipeline. */
  readonly remote?: true;
  /** A custom task, which some other program runs: `spec` is empty. */
  readonly custom?: CustomTask;
  /** What its steps refer to, by `stepActionKey`: they are put in the steps' places when the TaskRun's params are known. */
  readonly stepActions?: ReadonlyMap<string, Located<StepAction>>;
  /** Where those of them came from that resolvers gave. */
  readonly stepSources?: ReadonlyMap<string, Provenance>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly origin: Origin;
  readonly path: readonly (string | number)[];
  readonly provenance: Provenance;
}

export interface CustomTask {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The objects a run may refer to by name, all in the run's namespace. */
export interface ClusterObjects {
  readonly secrets: ReadonlyMap<string, Located<Secret>>;
  readonly configMaps: ReadonlyMap<string, Located<ConfigMap>>;
  readonly serviceAccounts: ReadonlyMap<string, Located<ServiceAccount>>;
  readonly claims: ReadonlyMap<string, Located<PersistentVolumeClaim>>;
}
