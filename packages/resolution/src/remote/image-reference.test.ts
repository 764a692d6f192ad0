import { expect, test } from "vitest";
import { mayBePlain, parseImageReference, repositoryName } from "./image-reference.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

test.for([
  ["alpine", "index.docker.io/library/alpine", "latest"],
  ["docker.io/alpine:3", "index.docker.io/library/alpine", "3"],
  ["org/bundle:v1", "index.docker.io/org/bundle", "v1"],
  ["ghcr.io/org/team/bundle", "ghcr.io/org/team/bundle", "latest"],
  ["localhost/bundle", "localhost/bundle", "latest"],
  ["localhost:5000/bundle:.odd-", "localhost:5000/bundle", ".odd-"],
  ["[::1]:5000/bundle", "[::1]:5000/bundle", "latest"],
  [`ghcr.io/org/bundle@${digest}`, "ghcr.io/org/bundle", digest],
  [`ghcr.io:443/org/bundle:v1@${digest}`, "ghcr.io:443/org/bundle", digest],
] as const)("%s is %s, %s", ([text, name, identifier]) => {
  const reference = parseImageReference(text);
  expect(reference === undefined ? undefined : repositoryName(reference)).toBe(name);
  expect(reference?.identifier.text).toBe(identifier);
});

test.for([
  "",
  "a",
  "Upper/case",
  "repo:",
  "repo:ta g",
  `repo:${"x".repeat(129)}`,
  "ghcr.io/",
  "https://ghcr.io/org/bundle",
  "ghcr.io/org/bundle@sha256:0123",
  `ghcr.io/org/bundle@${digest.toUpperCase()}`,
  `ghcr.io/org/bundle@md5:${"0".repeat(32)}`,
  `ghcr.io/org/bundle@${digest}@${digest}`,
  "user@ghcr.io/org/bundle",
  "ghcr.io:port/org/bundle",
])("%j is no reference", (text) => {
  expect(parseImageReference(text)).toBeUndefined();
});

test.for([
  ["localhost:5000", true],
  ["registry.localhost", true],
  ["127.0.0.1:5000", true],
  ["[::1]:5000", true],
  ["10.1.2.3", true],
  ["172.31.0.1:5000", true],
  ["192.168.0.7", true],
  ["localhost", false],
  ["172.32.0.1", false],
  ["127.0.0.2:5000", false],
  ["ghcr.io", false],
  ["10.example.com", false],
] as const)("%s may speak plain http: %s", ([registry, plain]) => {
  expect(mayBePlain(registry)).toBe(plain);
});
