const objectDefault =
  "upstream's simulator lets an object param's default overwrite the run's own keys: its webhook writes into a map that it shares there, and only there";
const matrixResult = "upstream's defect: a matrix gives a pipeline result only where some task consumes it";
const includeKinds = "upstream's defect: include entries of three kinds leave one more combination, without params";
const podRoom = "the Pod is refused by the room that makes it, which takes no part here";
const refusedEarlier = "told before the run starts, where upstream fails the TaskRun";
const serviceAccount = "a ServiceAccount that is not among the documents is refused";

/** Scenarios in which a run here goes otherwise than upstream's, and why that is right. */
export const scenarioDifferences: Readonly<Record<string, string>> = {
  "0215": podRoom,
  "0234": "the simulator keeps a result that the Task does not declare; a real entrypoint does not read it",
  "0273": matrixResult,
  "0340": refusedEarlier,
  "0341": refusedEarlier,
  "0344": objectDefault,
  "0353": podRoom,
  "0384": refusedEarlier,
  "0386": refusedEarlier,
  "0413": "config-defaults are not read",
  "0483": serviceAccount,
  "0485": serviceAccount,
  "0486": serviceAccount,
  "0539": "two tasks whose TaskRuns have one name are refused; upstream takes one TaskRun for both",
  "0555": serviceAccount,
  "0560": serviceAccount,
  "0566": serviceAccount,
  "0610": "config-defaults are not read",
  "0636": "one run at a time",
  "0637": "one run at a time",
  "0658": includeKinds,
  "0669": objectDefault,
  "0676": objectDefault,
  "0693": objectDefault,
  "0727": objectDefault,
  "0739": objectDefault,
  "0787": matrixResult,
  "0840": objectDefault,
  "0906": matrixResult,
  "0977": objectDefault,
  "1028": objectDefault,
  "1034": includeKinds,
};
