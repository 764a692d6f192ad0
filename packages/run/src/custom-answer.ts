/** How the program that ran a custom task ended. */
export type CustomEnd =
  | { readonly kind: "exited"; readonly exitCode: number }
  | { readonly kind: "killed"; readonly signal: string }
  | { readonly kind: "not-started"; readonly why: string };

/** What it said, as its CustomRun shows it. */
export interface CustomAnswer {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly results: readonly { readonly name: string; readonly text: string }[];
}

/**
 * What a program's standard output and its end come to: the last object in it that says `True` or `False`. Every line is an object in JSON,
 * or all of it is one; whatever else it is, is a failure that says why.
 */
export function customAnswer(output: string, end: CustomEnd): CustomAnswer {
  if (end.kind === "not-started") return failed("Failed", `the command could not be started: ${end.why}`);
  if (end.kind === "killed") return failed("Failed", `the command was ended by ${end.signal}`);
  const said = answerIn(output);
  if (end.exitCode === 0) return said ?? invalid('it says nothing: {"status": "True"} was expected');
  if (said?.status === "False" && said.reason !== invalidReason) return said;
  return failed("Failed", `the command ended with exit code ${end.exitCode}`);
}

/** What a line tells of a custom task that goes on: `{"status": "Unknown", "message": "…"}`. */
export function progressIn(line: string): string | undefined {
  const value = jsonOf(line);
  if (!isObject(value) || value["status"] !== "Unknown") return undefined;
  return [value["reason"], value["message"]].filter((each) => typeof each === "string" && each !== "").join(": ");
}

const invalidReason = "InvalidAnswer";

function failed(reason: string, message: string): CustomAnswer {
  return { status: "False", reason, message, results: [] };
}

function invalid(why: string): CustomAnswer {
  return failed(invalidReason, `the command's standard output is no answer: ${why}`);
}

function answerIn(output: string): CustomAnswer | undefined {
  const whole = jsonOf(output);
  if (isObject(whole)) return answerOf(whole, "it");
  let answer: CustomAnswer | undefined;
  for (const [index, line] of output.split("\n").entries()) {
    if (line.trim() === "") continue;
    const value = jsonOf(line);
    const where = `line ${index + 1}`;
    if (!isObject(value)) return invalid(`${where} is no object in JSON: ${shortened(line)}`);
    answer = answerOf(value, where) ?? answer;
    if (answer?.reason === invalidReason) return answer;
  }
  return answer;
}

/** Undefined for one that says that it goes on. */
function answerOf(value: JsonObject, where: string): CustomAnswer | undefined {
  const { status, reason, message = "", results = [] } = value;
  if (status === "Unknown") return undefined;
  if (status !== "True" && status !== "False")
    return invalid(`${where} has no status "True", "False" or "Unknown", but ${JSON.stringify(status) ?? "none"}`);
  if (reason !== undefined && (typeof reason !== "string" || reason === ""))
    return invalid(`the reason of ${where} is no word: ${JSON.stringify(reason)}`);
  if (typeof message !== "string") return invalid(`the message of ${where} is no text: ${JSON.stringify(message)}`);
  const texts = resultsOf(results);
  if (typeof texts === "string") return invalid(`${texts}, in ${where}`);
  return { status, reason: reason ?? (status === "True" ? "Succeeded" : "Failed"), message, results: texts };
}

function resultsOf(results: unknown): CustomAnswer["results"] | string {
  if (!Array.isArray(results)) return "results is no list";
  const texts: { name: string; text: string }[] = [];
  for (const each of results as readonly unknown[]) {
    const { name, value } = isObject(each) ? each : {};
    if (typeof name !== "string" || name === "") return "a result has no name";
    if (value === undefined || value === null) return `result ${JSON.stringify(name)} has no value`;
    texts.push({ name, text: typeof value === "string" ? value : JSON.stringify(value) });
  }
  return texts;
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function shortened(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
