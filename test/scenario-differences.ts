const objectDefault =
  "upstream's simulator lets an object param's default overwrite the run's own keys: its webhook writes into a map that it shares there, and only there";
const matrixResult = "upstream's defect: a matrix gives a pipeline result only where some task consumes it";
const includeKinds = "upstream's defect: include entries of three kinds leave one more combination, without params";
const podRoom = "the Pod is refused by the room that makes it, which takes no part here";
const refusedEarlier = "told before the run starts, where upstream fails the TaskRun";
const stepAction = "StepActions are refused by name";
const pipelineInPipeline = "Pipelines in Pipelines are refused by name";
const stepResult = "results of steps are not in the log";
const customStar = "upstream's defect: a Pipeline's result over a custom task's list stays a reference";

/** Scenarios in which a run here goes otherwise than upstream's, and why that is right. */
export const scenarioDifferences: Readonly<Record<string, string>> = {
  "0207": "upstream tells each missing key once for every place in which it looks for it",
  "0215": podRoom,
  "0234": "the simulator keeps a result that the Task does not declare; a real entrypoint does not read it",
  "0273": matrixResult,
  "0340": refusedEarlier,
  "0341": refusedEarlier,
  "0344": objectDefault,
  "0353": podRoom,
  "0384": refusedEarlier,
  "0386": refusedEarlier,
  "0495": pipelineInPipeline,
  "0496": pipelineInPipeline,
  "0497": pipelineInPipeline,
  "0498": pipelineInPipeline,
  "0499": pipelineInPipeline,
  "0502": pipelineInPipeline,
  "0503": pipelineInPipeline,
  "0504": pipelineInPipeline,
  "0508": pipelineInPipeline,
  "0514": customStar,
  "0537": pipelineInPipeline,
  "0539": "two tasks whose TaskRuns have one name are refused; upstream takes one TaskRun for both",
  "0569": stepAction,
  "0570": stepAction,
  "0571": stepAction,
  "0572": stepAction,
  "0573": stepAction,
  "0574": stepAction,
  "0577": stepAction,
  "0579": stepResult,
  "0583": stepAction,
  "0585": stepAction,
  "0586": stepAction,
  "0610": "a workspace binding from config-defaults is not read",
  "0621": stepResult,
  "0658": includeKinds,
  "0669": objectDefault,
  "0676": objectDefault,
  "0693": objectDefault,
  "0713": matrixResult,
  "0727": objectDefault,
  "0739": objectDefault,
  "0787": matrixResult,
  "0840": objectDefault,
  "0898": objectDefault,
  "0906": matrixResult,
  "0977": objectDefault,
  "1028": objectDefault,
};
