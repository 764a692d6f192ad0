import { type Container } from "dockerode";
import { expect, test } from "vitest";
import { isDeaf } from "./deaf.ts";

interface Seen {
  readonly id?: string;
  readonly pid?: number;
  readonly init?: boolean;
  readonly caught?: string;
  readonly blocked?: string;
}

const deaf = ({ id = "abc", pid = 7, init = false, caught = "0", blocked = "0" }: Seen): Promise<boolean> => {
  const container = {
    inspect: () =>
      Promise.resolve({ Id: "abc", State: { Running: pid !== 0, Pid: pid }, HostConfig: { PidMode: "", Init: init } }),
  } as unknown as Container;
  const files: Readonly<Record<string, string>> = {
    "/proc/7/cgroup": `12:memory:/docker/${id}\n`,
    "/proc/7/status": `Name:\tsleep\nSigBlk:\t${blocked.padStart(16, "0")}\nSigIgn:\t0\nSigCgt:\t${caught.padStart(16, "0")}\n`,
  };
  return isDeaf(container, (path) =>
    files[path] === undefined ? Promise.reject(new Error(`no ${path}`)) : Promise.resolve(files[path]),
  );
};

test.for<readonly [string, Seen, boolean]>([
  ["handles nothing", {}, true],
  ["handles SIGTERM", { caught: "4000" }, false],
  ["handles SIGINT alone", { caught: "2" }, true],
  ["waits for signals that it blocks", { blocked: "fffffffe7ffbfeff" }, false],
  ["has an init before it", { init: true }, false],
  ["does not run", { pid: 0 }, false],
  ["is another process on this machine", { id: "other" }, false],
  ["is on another machine", { pid: 8 }, false],
])("a process that %s", async ([, seen, expected]) => {
  expect(await deaf(seen)).toBe(expected);
});
