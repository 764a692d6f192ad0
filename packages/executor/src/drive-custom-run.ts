import { type BoundTaskRun } from "@lapcat/plan";
import { type AttemptKey, customAnswer, customOutput, customResult, customRunOf, progressIn } from "@lapcat/run";
import { type CustomProcess, type CustomRuns } from "./custom-runs.ts";
import { onAbort } from "./on-abort.ts";
import { type PodPorts, type Stop } from "./pod-ports.ts";

const container = customOutput;
/** Of an answer, in bytes; etcd takes no larger object. */
const longestAnswer = 1024 * 1024;

/** Drives one custom run from its start to `custom-run.finished`, by what somebody else starts for it. */
export async function driveCustomRun(
  bound: BoundTaskRun,
  customRuns: CustomRuns,
  ports: Pick<PodPorts, "observe" | "logs" | "newMasker" | "clock" | "grace" | "hurry">,
  stop: Stop,
): Promise<void> {
  const key: AttemptKey = { taskRun: bound.name, attempt: bound.attempt };
  const process = customRuns.start(customRunOf(bound));
  ports.observe({ type: "custom-run.started", ...key, container });
  const ended = new AbortController();
  const release = [
    onAbort(stop.signal, () => {
      process.kill(ports.hurry.aborted ? "SIGKILL" : "SIGTERM");
      void ports.clock.sleep(ports.grace, ended.signal).then(() => {
        if (!ended.signal.aborted) process.kill("SIGKILL");
      });
    }),
    onAbort(ports.hurry, () => {
      if (stop.signal.aborted) process.kill("SIGKILL");
    }),
  ];
  const log = ports.logs.openLog({ ...key, container });
  const maskers = { stdout: ports.newMasker(), stderr: ports.newMasker() };
  const show = async (stream: "stdout" | "stderr", masked: Uint8Array): Promise<void> => {
    if (masked.length > 0) await log.write(stream, masked, ports.clock.now());
  };
  try {
    const [output] = await Promise.all([
      answered(process, (progress) => show("stdout", maskers.stdout.push(Buffer.from(`${progress}\n`)))),
      pumped(process.stderr, (bytes) => show("stderr", maskers.stderr.push(bytes))),
    ]);
    const end = await process.ended;
    await show("stdout", maskers.stdout.end());
    await show("stderr", maskers.stderr.end());
    const answer =
      output === undefined
        ? { ...customAnswer("", { kind: "exited", exitCode: 0 }), message: tooLong }
        : customAnswer(output, end);
    const at = ports.clock.now();
    for (const { name, text } of answer.results)
      ports.observe({ type: "result.written", ...key, name, ...customResult(text) }, at);
    const { status, reason, message } = answer;
    ports.observe({ type: "custom-run.finished", ...key, status, reason, message }, at);
  } finally {
    ended.abort();
    for (const each of release) each();
    await log.end();
  }
}

const tooLong = `the command's standard output is no answer: it is longer than ${longestAnswer} bytes`;

/** Its standard output; undefined when that is too long, and then it was killed. */
async function answered(
  process: CustomProcess,
  tell: (progress: string) => Promise<void>,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  const decoder = new TextDecoder();
  let length = 0;
  let line = "";
  for await (const bytes of process.stdout) {
    length += bytes.length;
    if (length > longestAnswer) {
      process.kill("SIGKILL");
      continue;
    }
    chunks.push(bytes);
    const lines = (line + decoder.decode(bytes, { stream: true })).split("\n");
    line = lines.pop() ?? "";
    for (const each of lines) {
      const progress = progressIn(each);
      if (progress !== undefined && progress !== "") await tell(progress);
    }
  }
  return length > longestAnswer ? undefined : Buffer.concat(chunks).toString();
}

async function pumped(chunks: AsyncIterable<Uint8Array>, show: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  for await (const bytes of chunks) await show(bytes);
}
