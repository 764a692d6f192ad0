import { expect, test } from "vitest";
import { type RegistryCredential } from "@lapcat/engine";
import { credentialFor } from "./images.ts";
import { fullName, imageName } from "./image-reference.ts";

test.for([
  ["alpine", "docker.io/library/alpine:latest"],
  ["bitnami/git:2", "docker.io/bitnami/git:2"],
  ["registry:5000/a/b", "registry:5000/a/b:latest"],
  [`quay.io/x/y:v1@sha256:${"a".repeat(64)}`, `quay.io/x/y@sha256:${"a".repeat(64)}`],
] as const)("%s is %s to an engine", ([short, full]) => {
  expect(fullName(imageName(short))).toBe(full);
});

test.for(["", "UPPER/case", "a b", "x@sha256:short", "-x"])("%j is no image", (text) => {
  expect(() => imageName(text)).toThrow("not a valid image reference");
});

const login = (registry: string): RegistryCredential => ({ registry, username: registry, password: "p" });
const logins = ["https://index.docker.io/v1/", "quay.io", "quay.io/team", "https://registry:5000"].map(login);

test.for([
  ["alpine", "https://index.docker.io/v1/"],
  ["quay.io/other/image", "quay.io"],
  ["quay.io/team/image", "quay.io/team"],
  ["quay.io/teamwork/image", "quay.io"],
  ["registry:5000/x", "https://registry:5000"],
  ["ghcr.io/x/y", undefined],
] as const)("%s is pulled with the login for %s", ([image, registry]) => {
  expect(credentialFor(imageName(image), logins)?.registry).toBe(registry);
});
