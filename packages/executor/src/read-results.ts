import { type Pod } from "@lapcat/engine";
import { type ResultFile } from "@lapcat/pod";
import { type ReadResult, readResult, resultsLimit } from "@lapcat/run";
import { notRun, type StepOutcome } from "./step-outcome.ts";

/** Reads a Pod's declared results after each of its steps, as Tekton's entrypoint does (RES-1 to RES-5). */
export interface ResultReader {
  /** The step's outcome: another one if its results are too large. Tells what is new or has changed. */
  afterStep(ended: StepOutcome, at: number, tell: (name: string, result: ReadResult) => void): Promise<StepOutcome>;
}

export function resultReader(files: readonly ResultFile[], pod: Pod): ResultReader {
  const told = new Map<string, string>();
  return {
    async afterStep(ended, at, tell) {
      const read = await Promise.all(
        files.map(async (file) => {
          const content = await pod.read(file.volume, file.path, resultsLimit);
          return content === undefined ? [] : [{ file, truncated: content.truncated, text: decode(content.bytes) }];
        }),
      );
      const found = read.flat();
      const texts = found.map(({ file, text }) => [file.name, text] as const);
      if (found.some(({ truncated }) => truncated) || messageSize(texts, at) > resultsLimit) {
        // The entrypoint has let the next step go on before it looks at the results.
        const message = `Termination message is above max allowed size ${resultsLimit}, caused by large task result.`;
        return {
          ...notRun("Error"),
          message,
          goesOn: ended.goesOn,
          ...(ended.exitCodeFile !== undefined && { exitCodeFile: ended.exitCodeFile }),
        };
      }
      for (const { file, text } of found) {
        if (told.get(file.name) === text) continue;
        told.set(file.name, text);
        tell(file.name, readResult(text, file.type));
      }
      return ended;
    },
  };
}

/** Bytes of the termination message: Go's JSON of the results, and of when the step started. */
function messageSize(results: readonly (readonly [name: string, text: string])[], at: number): number {
  const entries = results.map(([key, value]) => ({ key, value, type: 1 }));
  const started = { key: "StartedAt", value: new Date(at).toISOString(), type: 3 };
  // Go escapes these three for HTML.
  return Buffer.byteLength(JSON.stringify([...entries, started]).replace(/[<>&]/gu, "\\u003c"));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
