import { describe, expect, test } from "vitest";
import { LapcatError } from "@lapcat/diagnostic";
import { engineError, isConflict, isNameTaken, lacksCapabilities, startErrorOf, unseenSource } from "./errors.ts";

const answer = (statusCode: number, message: string): Error =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode, json: { message } });
const failed = (code: string, message = code): Error => Object.assign(new Error(message), { code });

describe("a failed request becomes a diagnostic", () => {
  test.for([
    ["a refused connection", failed("ECONNREFUSED"), "engine.lost"],
    ["a socket that is gone", failed("ENOENT"), "engine.lost"],
    ["a broken pipe", failed("EPIPE"), "engine.lost"],
    ["a hang-up", new Error("socket hang up"), "engine.lost"],
    ["a socket that may not be opened", failed("EACCES"), "engine.none"],
    ["a full disk", answer(500, "mkdir /var/lib/x: no space left on device"), "disk.full"],
    ["a full disk of ours", failed("ENOSPC"), "disk.full"],
    ["a bad request", answer(400, "invalid mount config"), "engine.refused"],
    ["a conflict", answer(409, "name is in use"), "engine.refused"],
  ] as const)("%s", ([, cause, code]) => {
    const error = engineError(cause, "create step-build");
    expect([error.diagnostic.code, error.cause]).toEqual([code, cause]);
    expect(error.message).toContain("create step-build");
  });

  test("limits that root may not raise are told with what to do", () => {
    const said = "runc: runc create failed: error setting rlimits for ready process: error setting rlimit type 7";
    const { diagnostic } = engineError(answer(500, said), "start the network of a-pod");
    expect(diagnostic).toMatchObject({ code: "engine.refused", hint: expect.stringContaining("default_ulimits") });
  });

  test.for([
    ["Docker's", answer(409, 'Conflict. The container name "/lapcat-x" is already in use by container "1e31"'), true],
    ["Podman's", answer(500, 'creating container storage: the container name "x" is already in use by 1e31'), true],
    ["another conflict", answer(409, "removal of container x is already in progress"), false],
  ] as const)("a name that is taken: %s", ([, cause, isTaken]) => {
    expect(isNameTaken(cause)).toBe(isTaken);
  });

  test("only once", () => {
    const error = new LapcatError({ code: "path.escape", message: "x" });
    expect(engineError(error, "anything")).toBe(error);
  });
});

test.for([
  [
    400,
    'OCI runtime create failed: runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown',
    'exec: "nope": executable file not found in $PATH',
  ],
  [
    400,
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/x": permission denied: unknown',
    'exec: "/x": permission denied',
  ],
  [
    404,
    "crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
    "executable file `nope` not found in $PATH: No such file or directory",
  ],
  [
    500,
    "unable to find user nobody2: no matching entries in passwd file",
    "unable to find user nobody2: no matching entries in passwd file",
  ],
  [500, "driver failed programming external connectivity on endpoint x", undefined],
  [500, "OCI runtime create failed: no space left on device", undefined],
  // The engine's own trouble, and no step's.
  [500, "runc create failed: unable to start container process: error setting rlimit type 7", undefined],
] as const)("start's refusal %i %s", ([status, message, wanted]) => {
  expect(startErrorOf(answer(status, message))).toBe(wanted);
});

test("what makes removing twice harmless, what asks for another way, is told apart", () => {
  expect(isConflict(answer(409, "removal of container x is already in progress"))).toBe(true);
  expect(isConflict(answer(500, "boom"))).toBe(false);
  expect(
    lacksCapabilities(
      answer(
        500,
        "OCI runtime create failed: runc create failed: unable to start container process: unable to apply caps: operation not permitted",
      ),
    ),
  ).toBe(true);
  expect(
    unseenSource(answer(400, 'invalid mount config for type "bind": bind source path does not exist: /tmp/x')),
  ).toBe("/tmp/x");
});
