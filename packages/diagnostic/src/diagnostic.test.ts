import { expect, test } from "vitest";
import { codes } from "./codes.ts";
import { fail, hasErrors, LapcatError, succeed, type Diagnostic } from "./diagnostic.ts";

const warning: Diagnostic = { code: "field.no-effect", severity: "warning", message: "has no effect" };
const error: Diagnostic = { code: "field.unknown", severity: "error", message: "is unknown" };

test("warnings do not prevent a value, and are kept with it", () => {
  expect(succeed(1, [warning])).toEqual({ ok: true, value: 1, diagnostics: [warning] });
  expect(fail([error])).toEqual({ ok: false, diagnostics: [error] });
  expect([hasErrors([]), hasErrors([warning]), hasErrors([warning, error])]).toEqual([false, false, true]);
});

test("the world's failures carry what the user is shown, and their cause", () => {
  const cause = new Error("ECONNREFUSED");
  const failure = new LapcatError({ code: "engine.none", message: "no engine answers" }, cause);
  expect(failure.diagnostic).toEqual({ code: "engine.none", severity: "error", message: "no engine answers" });
  expect(failure.cause).toBe(cause);
  expect(new LapcatError({ code: "engine.none", message: "m" })).not.toHaveProperty("cause");
});

test.for(Object.entries(codes))("the code %s is explained in a sentence", ([code, { sentence }]) => {
  expect(code).toMatch(/^[a-z]+(?:\.[a-z]+(?:-[a-z]+)*)?$/u);
  expect(sentence).toMatch(/^[A-Z].*\.$/u);
});
