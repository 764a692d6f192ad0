const objectDefault =
  "upstream's simulator lets an object param's default overwrite the run's own keys: its webhook writes into a map that it shares there, and only there";
const objectKey =
  "upstream's defect: a key that only the default of a Pipeline's object param gives stays a reference in a cluster; its simulator, with that map, fills in the others from the default";
const matrixResult = "upstream's defect: a matrix gives a pipeline result only where some task consumes it";
const includeKinds = "upstream's defect: include entries of three kinds leave one more combination, without params";
const runningChild =
  "upstream's defect: a child pipeline that runs while another task fails counts as skipped, and the run ends without it";
const customStar = "upstream's defect: a Pipeline's result over a custom task's list stays a reference";

/** Scenarios in which a run here goes otherwise than upstream's, and why that is right. */
export const scenarioDifferences: Readonly<Record<string, string>> = {
  "0234": "the simulator keeps a result that the Task does not declare; a real entrypoint does not read it",
  "0273": matrixResult,
  "0344": objectKey,
  "0514": customStar,
  "0539": "two tasks whose TaskRuns have one name are refused; upstream takes one TaskRun for both",
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

/** The same for the cases of upstream's own tests, `runs`. */
export const runDifferences: Readonly<Record<string, string>> = {
  "0004": runningChild,
  "0182": "a default binding of workspaces that is none is told before anything else",
  "0186": "two claims of one TaskRun are no matter where there are no nodes",
  "0214": "results are not measured where nothing writes them",
};

/** The same for upstream's examples. */
export const exampleDifferences: Readonly<Record<string, string>> = {
  "taskruns/object-param-result.yaml": objectDefault,
  "taskruns/stepaction-params.yaml": objectDefault,
};
