import { expect, test } from "vitest";
import { compareVersions, isVersion } from "./version.ts";

test("versions are ordered as numbers", () => {
  expect(["0.9", "0.10", "0.2", "v1.0.0", "1.0.0-rc.2", "1.0.0-rc.10", "0.10.1"].sort(compareVersions)).toEqual([
    "0.2",
    "0.9",
    "0.10",
    "0.10.1",
    "1.0.0-rc.2",
    "1.0.0-rc.10",
    "v1.0.0",
  ]);
  expect(compareVersions("0.2", "0.2.0")).toBe(0);
  expect(["0.1", "tests", "OWNERS", "v1.2.3-beta"].filter(isVersion)).toEqual(["0.1", "v1.2.3-beta"]);
});
