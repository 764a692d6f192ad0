import { expect, test } from "vitest";
import { customAnswer, type CustomEnd, progressIn } from "./custom-answer.ts";

const well: CustomEnd = { kind: "exited", exitCode: 0 };
const failure = (reason: string, message: unknown): unknown => ({ status: "False", reason, message, results: [] });
const invalid = (why: string): unknown =>
  failure("InvalidAnswer", `the command's standard output is no answer: ${why}`);

test.for<[name: string, output: string, end: CustomEnd, expected: unknown]>([
  ["success", '{"status": "True"}', well, { status: "True", reason: "Succeeded", message: "", results: [] }],
  [
    "an object over several lines, with results of all kinds as texts",
    '{\n "status": "True", "reason": "Approved", "message": "by ann",\n "results": [{"name": "by", "value": "ann"}, {"name": "all", "value": ["a"]}]\n}\n',
    well,
    {
      status: "True",
      reason: "Approved",
      message: "by ann",
      results: [
        { name: "by", text: "ann" },
        { name: "all", text: '["a"]' },
      ],
    },
  ],
  [
    "the last line that says how it ended",
    '{"status": "Unknown", "message": "waiting"}\n\n{"status": "False", "message": "no"}\n',
    well,
    failure("Failed", "no"),
  ],
  [
    "a failure with its own words",
    '{"status":"False","reason":"Denied"}',
    { kind: "exited", exitCode: 1 },
    failure("Denied", ""),
  ],
  [
    "success that ends badly",
    '{"status": "True"}',
    { kind: "exited", exitCode: 3 },
    failure("Failed", "the command ended with exit code 3"),
  ],
  [
    "rubbish that ends badly",
    "rubbish",
    { kind: "exited", exitCode: 3 },
    failure("Failed", "the command ended with exit code 3"),
  ],
  ["a signal", "", { kind: "killed", signal: "SIGKILL" }, failure("Failed", "the command was ended by SIGKILL")],
  [
    "no start",
    "",
    { kind: "not-started", why: "ENOENT" },
    failure("Failed", "the command could not be started: ENOENT"),
  ],
  ["nothing", "", well, invalid('it says nothing: {"status": "True"} was expected')],
  ["only progress", '{"status": "Unknown"}', well, invalid('it says nothing: {"status": "True"} was expected')],
  ["a line for people", 'hello\n{"status": "True"}', well, invalid('line 1 is no object in JSON: "hello"')],
  ["another status", '{"status": true}', well, invalid('it has no status "True", "False" or "Unknown", but true')],
  [
    "no status",
    '{"message": "a"}\n{"status": "True"}',
    well,
    invalid('line 1 has no status "True", "False" or "Unknown", but none'),
  ],
  ["a reason that is no word", '{"status": "True", "reason": 1}', well, invalid("the reason of it is no word: 1")],
  ["a message that is no text", '{"status": "True", "message": {}}', well, invalid("the message of it is no text: {}")],
  ["results that are no list", '{"status": "True", "results": {"a": "b"}}', well, invalid("results is no list, in it")],
  ["a result without a name", '{"status": "True", "results": ["a"]}', well, invalid("a result has no name, in it")],
  [
    "a result without a value",
    '{"status": "True", "results": [{"name": "a"}]}',
    well,
    invalid('result "a" has no value, in it'),
  ],
])("%s", ([, output, end, expected]) => {
  expect(customAnswer(output, end)).toEqual(expected);
});

test.for<[line: string, expected: string | undefined]>([
  ['{"status": "Unknown", "reason": "Waiting", "message": "for ann"}', "Waiting: for ann"],
  ['{"status": "Unknown"}', ""],
  ['{"status": "True", "message": "done"}', undefined],
  ["hello", undefined],
])("%s tells of progress: %s", ([line, expected]) => {
  expect(progressIn(line)).toBe(expected);
});
