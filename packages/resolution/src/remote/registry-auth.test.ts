import { expect, test } from "vitest";
import { challengeIn, isPrivateHost, loginFor } from "./registry-auth.ts";

test.for([
  [
    'Bearer realm="https://auth.io/token",service="registry.io",scope="a,b"',
    "bearer",
    { realm: "https://auth.io/token", service: "registry.io", scope: "a,b" },
  ],
  ["Basic", "basic", {}],
  ["bearer realm=https://auth.io/token , Service=x", "bearer", { realm: "https://auth.io/token", service: "x" }],
  ['Negotiate, Basic realm="a \\"b\\""', "basic", { realm: 'a "b"' }],
  ['Digest realm="a", Bearer realm="b"', "bearer", { realm: "b" }],
  ["Negotiate", "negotiate", {}],
] as const)("%s is a challenge of the kind %s", ([header, scheme, parameters]) => {
  const challenge = challengeIn(header);
  expect(challenge?.scheme).toBe(scheme);
  expect(Object.fromEntries(challenge?.parameters ?? [])).toEqual(parameters);
});

test("an empty header is no challenge", () => {
  expect(challengeIn("")).toBeUndefined();
});

const login = (registry: string): { registry: string; username: string; password: string } => ({
  registry,
  username: registry,
  password: "",
});
const keychains = [
  ["ghcr.io/org", "ghcr.io/org/deep", "*.example.com", "host:5000"].map(login),
  ["ghcr.io", "ghcr.io/org/deep/est"].map(login),
];
test.for([
  ["ghcr.io/org/deep/est", "ghcr.io/org/deep"],
  ["ghcr.io/org/bundle", "ghcr.io/org"],
  ["ghcr.io/other", "ghcr.io"],
  ["eu.example.com/a", "*.example.com"],
  ["a.eu.example.com/a", undefined],
  ["host:5000/a", "host:5000"],
  ["host/a", undefined],
] as const)("%s is asked for as %s", ([name, expected]) => {
  expect(loginFor(keychains, name)?.registry).toBe(expected);
});

test.for([
  ["10.1.1.1", true],
  ["169.254.169.254", true],
  ["[::1]", true],
  ["[fe80::1]", true],
  ["[::ffff:10.0.0.1]", true],
  ["8.8.8.8", false],
  ["[2001:db8::1]", false],
  ["localhost", false],
] as const)("%s is of a private network: %s", ([host, isPrivate]) => {
  expect(isPrivateHost(host)).toBe(isPrivate);
});
