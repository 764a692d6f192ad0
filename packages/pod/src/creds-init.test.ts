import { type RegistryCredential } from "@lapcat/engine";
import { expect, test } from "vitest";
import { boundForTest, objectsForTest, optionsForTest } from "./bound-for-test.ts";
import { registryCredentialsOf } from "./creds-init.ts";
import { registryName, type DockerAuths } from "./docker-auths.ts";
import { withLogin } from "./git-credentials.ts";
import { podOf } from "./pod-of.ts";

type Secrets = NonNullable<Parameters<typeof objectsForTest>[0]["secrets"]>;

function credentialsOf(
  secrets: Secrets,
  credentials: readonly RegistryCredential[] = [],
): {
  readonly files: Readonly<Record<string, string>>;
  readonly masked: readonly string[];
  readonly codes: readonly string[];
} {
  const objects = objectsForTest({ secrets, accounts: [{ name: "sa", secrets: secrets.map(({ name }) => name) }] });
  const result = podOf(
    boundForTest({ steps: [{ image: "i:1" }] }, { account: "sa" }),
    optionsForTest({ objects, credentials }),
  );
  const homeFiles = result.ok ? (result.value.spec.containers[0]?.homeFiles ?? []) : [];
  return {
    files: Object.fromEntries(
      homeFiles.map(({ path, content }) => [path, content.kind === "text" ? content.text : ""]),
    ),
    masked: result.ok ? result.value.secrets : [],
    codes: result.diagnostics.map(({ code }) => code),
  };
}

const docker = (name: string, auths: DockerAuths): Secrets[number] => ({
  name,
  type: "kubernetes.io/dockerconfigjson",
  data: { ".dockerconfigjson": JSON.stringify({ auths, credsStore: "desktop" }) },
});
const basic = (name: string, annotations: Readonly<Record<string, string>>): Secrets[number] => ({
  name,
  type: "kubernetes.io/basic-auth",
  annotations,
  data: { username: "bob", password: "pa ss:w/rd" },
});

test("a Docker configuration needs no annotation, and only its logins are kept", () => {
  const { files, masked } = credentialsOf([docker("d", { "registry:5000": { auth: "Ym9iOnMzY3JldA==" } })]);
  expect(files).toEqual({ ".docker/config.json": '{"auths":{"registry:5000":{"auth":"Ym9iOnMzY3JldA=="}}}' });
  expect(masked).toEqual(["s3cret", "Ym9iOnMzY3JldA=="]);
});

test("of logins to one registry the Secret's kind decides, and the user's own is the last resort", () => {
  const own = ["r", "index.docker.io"].map((registry) => ({ registry, username: "me", password: "mine" }));
  const cfg = {
    name: "c",
    type: "kubernetes.io/dockercfg",
    data: { ".dockercfg": JSON.stringify({ r: { auth: "cfg1" }, q: { auth: "cfg2" } }) },
  };
  const { files } = credentialsOf(
    [basic("b", { "tekton.dev/docker-0": "p" }), docker("d", { r: { auth: "json" } }), cfg],
    own,
  );
  const { auths } = JSON.parse(files[".docker/config.json"] ?? "{}") as { auths: DockerAuths };
  expect(auths).toEqual({
    "https://index.docker.io/v1/": { username: "me", password: "mine", auth: "bWU6bWluZQ==" },
    p: { username: "bob", password: "pa ss:w/rd", email: "not@val.id", auth: "Ym9iOnBhIHNzOncvcmQ=" },
    q: { auth: "cfg2" },
    r: { auth: "json" },
  });
});

test("a login for git is stored by host, and by repository after that", () => {
  const { files } = credentialsOf([
    basic("b", { "tekton.dev/git-1": "https://host/org/repo", "tekton.dev/git-0": "https://other" }),
  ]);
  expect(files).toEqual({
    ".gitconfig":
      '[credential]\n\thelper = store\n[credential "https://host/org/repo"]\n\tusername = bob\n\tuseHttpPath = true\n[credential "https://other"]\n\tusername = bob\n',
    ".git-credentials": "https://bob:pa%20ss%3Aw%2Frd@other\nhttps://bob:pa%20ss%3Aw%2Frd@host/org/repo\n",
  });
});

test("a key for git has its file, its host and its known hosts", () => {
  const key = {
    name: "k",
    type: "kubernetes.io/ssh-auth",
    annotations: { "tekton.dev/git-0": "host:2222", "tekton.dev/git-1": "host/org/repo" },
    data: { "ssh-privatekey": "KEY\n", known_hosts: "host ssh-rsa A" },
  };
  expect(credentialsOf([key]).files).toEqual({
    ".ssh/id_k": "KEY\n",
    ".ssh/config":
      "Host host\n    HostName host\n    Port 2222\n    IdentityFile /tekton/creds/.ssh/id_k\n" +
      "Host host--org--repo\n    HostName host\n    Port 22\n    IdentityFile /tekton/creds/.ssh/id_k\n",
    ".ssh/known_hosts": "host ssh-rsa A\nhost ssh-rsa A",
    ".gitconfig":
      '[url "git@host--org--repo:org/repo.git"]\n\tinsteadOf = git@host:org/repo.git\n[url "ssh://host--org--repo/org/repo.git"]\n\tinsteadOf = ssh://host/org/repo.git\n',
  });
});

test("a Secret without an annotation, or of another type, is passed over", () => {
  expect(credentialsOf([basic("b", {}), { name: "o", data: { password: "x" } }]).files).toEqual({});
});

test("a Secret that is not what its type says is refused, a missing one warned about", () => {
  expect(
    credentialsOf([{ name: "d", type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "{" } }]).codes,
  ).toEqual(["secret.malformed"]);
  const objects = objectsForTest({ accounts: [{ name: "sa", secrets: ["none"] }] });
  const result = podOf(boundForTest({ steps: [{ image: "i:1" }] }, { account: "sa" }), optionsForTest({ objects }));
  expect(result.ok && result.diagnostics.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    "warning secret.missing",
  ]);
});

test("credentials lie in the home and in /tekton/creds, for the step alone to read", () => {
  const objects = objectsForTest({
    secrets: [docker("d", { r: { auth: "a" } })],
    accounts: [{ name: "sa", secrets: ["d"] }],
  });
  const result = podOf(
    boundForTest({ steps: [{ image: "i:1" }], sidecars: [{ name: "s", image: "i:1" }] }, { account: "sa" }),
    optionsForTest({ objects }),
  );
  const [step, sidecar] = result.ok ? result.value.spec.containers : [];
  expect(step?.homeFiles).toMatchObject([{ path: ".docker/config.json", mode: 0o600, secret: true }]);
  expect(step?.files).toMatchObject([{ path: "tekton/creds/.docker/config.json", mode: 0o600, secret: true }]);
  expect([sidecar?.files, sidecar?.homeFiles]).toEqual([[], []]);
});

test("imagePullSecrets pull images, the ServiceAccount's secrets do not", () => {
  const objects = objectsForTest({
    secrets: [
      docker("pull", { "https://index.docker.io/v1/": { auth: "Ym9iOnMzY3JldA==" } }),
      docker("push", { r: { auth: "x" } }),
      docker("pod", { "p:1": { username: "u", password: "w" } }),
    ],
    accounts: [{ name: "sa", secrets: ["push"], imagePullSecrets: ["pull"] }],
  });
  expect(
    registryCredentialsOf(
      {
        serviceAccountName: "sa",
        podTemplate: { imagePullSecrets: [{ name: "pod" }] },
        credentials: [{ registry: "mine", username: "me", password: "x" }],
      },
      objects,
    ),
  ).toEqual([
    { registry: "p:1", username: "u", password: "w" },
    { registry: "index.docker.io", username: "bob", password: "s3cret" },
    { registry: "mine", username: "me", password: "x" },
  ]);
});

test.for([
  ["https://index.docker.io/v1/", "index.docker.io"],
  ["docker.io", "index.docker.io"],
  ["registry-1.docker.io", "index.docker.io"],
  ["http://localhost:5000/", "localhost:5000"],
  ["ghcr.io/org/repo", "ghcr.io/org/repo"],
] as const)("the registry %s is %s", ([written, expected]) => {
  expect(registryName(written)).toBe(expected);
});

test("a URL takes a login as Go writes it", () => {
  expect(withLogin({ url: "https://h:1/p", username: "a@b", password: "$&+,/:;=?(x)" })).toBe(
    "https://a%40b:$&+,%2F%3A;=%3F%28x%29@h:1/p",
  );
});

test("where the root may not be written, a step's credentials have a volume in memory", () => {
  const secrets = [basic("git", { "tekton.dev/git-0": "https://git.example" })];
  const objects = objectsForTest({ secrets, accounts: [{ name: "sa", secrets: ["git"] }] });
  const shut = { image: "i:1", securityContext: { readOnlyRootFilesystem: true } };
  const bound = boundForTest({ steps: [{ image: "i:1" }, shut] }, { account: "sa" });
  const result = podOf(bound, optionsForTest({ objects }));
  if (!result.ok) throw new Error("no Pod");
  const { containers, volumes } = result.value.spec;
  const at = containers.map(({ mounts }) => mounts.find(({ path }) => path === "/tekton/creds")?.volume);
  expect(at).toEqual([undefined, "tekton-creds-init-home-1"]);
  expect(volumes.find(({ name }) => name === at[1])).toMatchObject({ kind: "scratch", medium: "memory" });
});

test("with disable-creds-init steps find no logins", () => {
  const account = { name: "sa", secrets: ["login"] };
  const secrets = [
    {
      name: "login",
      type: "kubernetes.io/basic-auth",
      data: { username: "u", password: "p" },
      annotations: { "tekton.dev/git-0": "https://git.example" },
    },
  ];
  const filesWith = (credsInit: boolean): unknown => {
    const settings = {
      awaitSidecars: true,
      kubernetesSidecar: false,
      credsInit,
      forbiddenEnv: [],
      managedBy: "m",
      alpha: false,
    };
    const objects = objectsForTest({ secrets, accounts: [account] });
    const bound = boundForTest({ steps: [{ image: "i:1" }] }, { account: "sa" });
    const pod = podOf(bound, optionsForTest({ objects, settings }));
    return pod.ok ? pod.value.spec.containers[0]?.homeFiles.length : pod.diagnostics;
  };
  expect([filesWith(true), filesWith(false)]).toEqual([2, 0]);
});
