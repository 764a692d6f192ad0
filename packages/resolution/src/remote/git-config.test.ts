import { expect, test } from "vitest";
import { scmConfig } from "./git-config.ts";

const bare = { "default-url": "https://bare" };
const named = { "test.default-url": "https://test", "default.default-url": "https://default" };

test.for<[string, Record<string, string>, string | undefined, string]>([
  ["nothing", {}, undefined, "undefined"],
  ["bare keys", bare, undefined, "https://bare"],
  ["bare keys, by their name", bare, "default", "https://bare"],
  ["keys that say default", { "default.default-url": "https://default" }, undefined, "https://default"],
  ["a configuration of its own", { ...bare, ...named }, "test", "https://test"],
  ["the later of two that are the default", { ...bare, ...named }, undefined, "https://default"],
  [
    "a configuration that is not there",
    { ...bare, ...named },
    "tset",
    'git-resolver-config has no configuration for the configKey "tset" (It has default, test)',
  ],
  [
    "a key with too many dots",
    { "default..default-url": "https://x" },
    undefined,
    'git-resolver-config has the key "default..default-url", which is neither NAME nor CONFIGURATION.NAME',
  ],
])("%s", ([, settings, configKey, expected]) => {
  const found = scmConfig(settings, configKey);
  const told = found.ok
    ? String(found.value["default-url"])
    : found.diagnostics.map(({ message, hint }) => message + (hint === undefined ? "" : ` (${hint})`)).join("\n");
  expect(told).toBe(expected);
});
