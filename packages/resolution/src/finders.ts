import { type TektonVersion } from "@lapcat/tekton";
import { type TaskFinder } from "./find-task.ts";
import { type RemoteFinder } from "./remote/remote-finder.ts";
import { type StepActionFinder } from "./step-actions.ts";

export interface Finders {
  readonly tasks: TaskFinder;
  readonly stepActions: StepActionFinder;
  readonly remote: RemoteFinder;
  readonly tekton?: TektonVersion | undefined;
  /** A child PipelineRun may lack what it refers to: it is played only, and fails as in a cluster. */
  readonly lenient: boolean;
}
