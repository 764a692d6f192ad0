import { type Pod } from "@lapcat/engine";
import { type PlacedFile, type PlannedStep, type PodPlan, type ResultFile } from "@lapcat/pod";
import { type AttemptKey, readResult, readStepResult, resultsFromStep, resultsLimit, type RunEvent } from "@lapcat/run";
import { type Artifacts, goJson, noArtifacts, readArtifacts, type RunResult, type TaskRunReason } from "@lapcat/tekton";
import { mentionsArtifacts } from "./mentions.ts";
import { notRun, type StepOutcome } from "./step-outcome.ts";

/** Reads what a step left for its TaskRun's status, as Tekton's entrypoint does (RES-1 to RES-5, RES-10, RES-16). */
export interface ResultReader {
  /** The step's outcome: another one if its results are too large. Tells what is new or has changed. */
  afterStep(step: PlannedStep, ended: StepOutcome, at: number, tell: (event: RunEvent) => void): Promise<StepOutcome>;
  /** Why the TaskRun fails though its steps need not have, once they are done: a result that is larger than each may be (RES-6). */
  tooLarge(): { readonly reason: TaskRunReason; readonly message: string } | undefined;
}

/** Of a termination message (pkg/result). */
const kinds = { result: 1, internal: 3, stepResult: 4, stepArtifacts: 5, artifacts: 6 } as const;

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly type: number;
}

/** One reading of a Pod that has none of it costs nothing. */
export function resultReader(
  { results, provenance, spec, taskSpec }: PodPlan,
  pod: Pod,
  key: AttemptKey,
  /** Of each result by itself; without it all of them share a termination message. */
  limit: number | undefined,
): ResultReader {
  let excess: number | undefined;
  const told = new Map<string, string>();
  const hasArtifacts = mentionsArtifacts(spec);
  const declared = taskSpec.results ?? [];
  return {
    async afterStep(step, ended, at, tell) {
      if (results.length === 0 && step.results.length === 0 && !hasArtifacts) return ended;
      const { volume, path } = step.directory;
      const own = { volume, path: `${path}/artifacts/provenance.json` };
      const [ofTask, ofStep, stepArtifacts, taskArtifacts] = await Promise.all([
        readAll(pod, results, limit),
        readAll(pod, step.results, limit),
        hasArtifacts ? readFile(pod, own, limit) : undefined,
        hasArtifacts ? readFile(pod, provenance, limit) : undefined,
      ]);
      const entries: readonly Entry[] = [
        ...ofTask.map(({ file, text }) => ({ key: file.name, value: text, type: kinds.result })),
        ...ofStep.map(({ file, text }) => ({ key: file.name, value: text, type: kinds.stepResult })),
        ...entryOf(`/tekton/steps/${step.container}/artifacts/provenance.json`, stepArtifacts, kinds.stepArtifacts),
        ...entryOf("/tekton/artifacts/provenance.json", taskArtifacts, kinds.artifacts),
      ];
      const all = [...ofTask, ...ofStep, stepArtifacts, taskArtifacts];
      if (limit !== undefined) {
        excess = excessOf(limit, [
          ...ofTask.map(({ file, text }) => [file.name, text, "task"] as const),
          ...ofStep.map(({ file, text }) => [`${step.container}.${file.name}`, text, "step"] as const),
        ]);
        if (excess !== undefined) return ended;
      } else if (all.some((each) => each?.truncated === true) || messageSize(entries, at) > resultsLimit) {
        // The entrypoint has let the next step go on before it looks at the results.
        const message = `Termination message is above max allowed size ${resultsLimit}, caused by large task result.`;
        return {
          ...notRun("Error"),
          message,
          goesOn: ended.goesOn,
          ...(ended.exitCodeFile !== undefined && { exitCodeFile: ended.exitCodeFile }),
        };
      }
      const stepResults = ofStep.map(({ file, text }): RunResult => ({
        name: file.name,
        ...readStepResult(file, text),
      }));
      const written = [
        ...ofTask.map(({ file, text }): RunResult => ({ name: file.name, ...readResult(text, file.type) })),
        ...resultsFromStep(declared, step.container, stepResults),
      ];
      for (const { name, type, value } of written) {
        const text = JSON.stringify(value);
        if (told.get(name) === text) continue;
        told.set(name, text);
        tell({ type: "result.written", ...key, name, resultType: type, value });
      }
      const made = readArtifacts(taskArtifacts?.text ?? "") ?? noArtifacts;
      if (!isEmpty(made) && told.get(provenance.path) !== taskArtifacts?.text) {
        told.set(provenance.path, taskArtifacts?.text ?? "");
        tell({ type: "artifacts.written", ...key, ...made });
      }
      const { inputs, outputs } = readArtifacts(stepArtifacts?.text ?? "") ?? noArtifacts;
      return {
        ...ended,
        ...(ended.message === undefined && limit === undefined && entries.length > 0 && { message: goJson(entries) }),
        ...(stepResults.length > 0 && { results: stepResults }),
        ...(inputs.length > 0 && { inputs }),
        ...(outputs.length > 0 && { outputs }),
      };
    },
    tooLarge() {
      if (excess === undefined) return undefined;
      const fault = `${excess} bytes results size exceeds configured limit of ${limit} bytes`;
      const reason = "TaskRunResultLargerThanAllowedLimit";
      return { reason, message: `[User error] TaskRun ""${key.taskRun}"" failed: ${fault}` };
    },
  };
}

/** The size of the first line that is too long among those that Tekton's sidecar would print. */
function excessOf(
  limit: number,
  results: readonly (readonly [name: string, value: string, type: "task" | "step"])[],
): number | undefined {
  const sizes = results.map(([name, value, type]) => Buffer.byteLength(goJson({ name, value, type })));
  return sizes.find((size) => size > limit);
}

interface ReadFile {
  readonly text: string;
  readonly truncated: boolean;
}

async function readAll(
  pod: Pod,
  files: readonly ResultFile[],
  limit: number | undefined,
): Promise<readonly (ReadFile & { readonly file: ResultFile })[]> {
  const read = await Promise.all(
    files.map(async (file) => {
      const content = await readFile(pod, file, limit);
      return content === undefined ? [] : [{ file, ...content }];
    }),
  );
  return read.flat();
}

/** What has its own limit is read whole, so that its size can be told: as far as anything could be meant. */
async function readFile(
  pod: Pod,
  { volume, path }: PlacedFile,
  limit: number | undefined,
): Promise<ReadFile | undefined> {
  const content = await pod.read(volume, path, limit === undefined ? resultsLimit : 2 ** 24);
  return content && { text: decode(content.bytes), truncated: content.truncated };
}

function entryOf(key: string, file: ReadFile | undefined, type: number): readonly Entry[] {
  return file === undefined ? [] : [{ key, value: file.text, type }];
}

/** Bytes of the termination message: Go's JSON of the results, and of when the step started. */
function messageSize(entries: readonly Entry[], at: number): number {
  const started = { key: "StartedAt", value: new Date(at).toISOString(), type: kinds.internal };
  return Buffer.byteLength(goJson([...entries, started]));
}

function isEmpty({ inputs, outputs }: Artifacts): boolean {
  return inputs.length === 0 && outputs.length === 0;
}

export function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
