import { expect, test } from "vitest";
import { refusesPrivileged } from "./privileged.ts";

const machine = (bounding: string, name = "dockerd"): Readonly<Record<string, string>> => ({
  "/var/run/docker.pid": "42\n",
  "/proc/42/comm": `${name}\n`,
  "/proc/42/status": `Name:\tdockerd\nCapEff:\t0\nCapBnd:\t${bounding}\nSeccomp:\t0\n`,
  "/proc/sys/kernel/cap_last_cap": "40\n",
});

const readIn = (files: Readonly<Record<string, string>>) => (path: string) => {
  const text = files[path];
  return text === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve(text);
};

test.for<[string, boolean, string, Readonly<Record<string, string>>]>([
  ["every capability", false, "1.41", machine("000001ffffffffff")],
  ["all but CAP_SYS_RESOURCE", true, "1.41", machine("000001fffeffffff")],
  ["all but CAP_SYS_RESOURCE, and takes only what there is", false, "1.42", machine("000001fffeffffff")],
  ["a number that is another program's by now", false, "1.41", machine("000001fffeffffff", "bash")],
  ["no files to read", false, "1.41", {}],
])("an engine with %s: refused is %s", async ([, expected, apiVersion, files]) => {
  expect(await refusesPrivileged(apiVersion, readIn(files))).toBe(expected);
});
