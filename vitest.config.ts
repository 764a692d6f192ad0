import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "test/*.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/support/global-setup.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          teardownTimeout: 60_000,
          // One engine serves them all: a file that restarts it, or counts what is left behind, must be alone.
          fileParallelism: false,
          // Of tests that are marked as concurrent: examples of Tekton's, each a process of its own.
          maxConcurrency: 3,
        },
      },
    ],
  },
});
