import { expect, test } from "vitest";
import {
  childName,
  claimName,
  generateName,
  newUid,
  podName,
  sidecarContainerName,
  stepContainerName,
  taskRunName,
  workspaceVolumeName,
} from "./names.ts";

const long = "a-very-long-pipeline-run-name-that-goes-on-and-on-and-on";

test.for([
  ["short", "-suffix"],
  ["asdf", "f".repeat(63)],
])("a child of %s with %s stays within 63 characters", ([parent, suffix]) => {
  const name = childName(parent!, suffix!);
  expect(name.length).toBeLessThanOrEqual(63);
  expect(name.startsWith(parent!)).toBe(true);
});

test("a long parent is cut and hashed, the suffix stays whole", () => {
  expect(childName(long, "-build-and-push")).toMatch(/^a-very-long-pipe[0-9a-f]{32}-build-and-push$/u);
});

test("the names of a TaskRun, its retries and its fan-out", () => {
  expect(taskRunName("run", "build")).toBe("run-build");
  expect(taskRunName("run", "build", { index: 2 })).toBe("run-build-2");
  expect(podName("run-build", 0)).toBe("run-build-pod");
  expect(podName("run-build", 2)).toBe("run-build-pod-retry2");
});

test("an index that hashing ate is put back", () => {
  const name = taskRunName("run", "t".repeat(63), { index: 3, count: 5 });
  expect(name).toMatch(/-3$/u);
  expect(name.length).toBeLessThanOrEqual(63);
});

test("containers are cut to 63 and end alphanumeric", () => {
  expect(stepContainerName("build", 0)).toBe("step-build");
  expect(stepContainerName(undefined, 3)).toBe("step-unnamed-3");
  expect(stepContainerName("", 0)).toBe("step-unnamed-0");
  expect(sidecarContainerName(`${"x".repeat(54)}-y`)).toBe(`sidecar-${"x".repeat(54)}`);
});

test("volumes and claims have upstream's hashes", () => {
  expect(workspaceVolumeName("custom")).toMatch(/^ws-[0-9a-f]{5}$/u);
  expect(claimName(undefined, "ws", "uid")).toMatch(/^pvc-[0-9a-f]{10}$/u);
  expect(claimName("mine", "ws", "uid")).toMatch(/^mine-[0-9a-f]{10}$/u);
});

test("generated names and uids come from the randomness given", () => {
  expect(generateName("run-", () => 0)).toBe("run-bbbbb");
  expect(generateName("x".repeat(80), () => 0.999)).toHaveLength(63);
  expect(newUid(() => 0.5)).toBe("88888888-8888-4888-8888-888888888888");
});
