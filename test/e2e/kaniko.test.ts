// The main job built by kaniko: an image without a shell, with its own idea of where certificates and logins are.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { docker, root } from "./support/clients.ts";
import { type Home, succeeded, temporaryHome } from "./support/lapcat.ts";
import { expectNoCredentials, expectPushed, fixtureCatalog, sayingOf, type Servers } from "./support/main-job.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { servicesOn } from "./support/services.ts";
import { listIn, taskRunOf, valueOf } from "./support/status.ts";

const conformance = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(root, "../shared/conformance");
const upstreamCatalog = join(conformance, "catalog");
const images = [
  "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/git-init:v0.18.1",
  "gcr.io/kaniko-project/executor:v1.5.1",
];

describeWith("the main job with kaniko", await absenceOf(docker, ...images), "in CI", () => {
  let servers: Servers;
  let home: Home;
  beforeAll(async () => {
    servers = await servicesOn(docker);
    home = temporaryHome();
  });
  afterAll(() => home?.remove());

  /** As a value of `--secret`, or as a document that takes the placeholder's place. */
  type Login = "--secret" | "document";

  /** What the app in the image says. */
  async function build(catalog: string, pins: readonly string[], repository: string, login: Login): Promise<string> {
    const { registry, git } = servers;
    const fixture = join(root, "fixtures/build-image-kaniko");
    const documents = ["pipeline.yaml", "pipelinerun.yaml", "serviceaccount.yaml"].flatMap((each) => [
      "-f",
      join(fixture, each),
    ]);
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "registry-credentials" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": readFileSync(registry.dockerConfigFile, "utf8") },
    };
    const args = [
      login === "document"
        ? [...documents, "-f", home.file("secret.yaml", JSON.stringify(secret))]
        : ["-f", fixture, "--secret", `registry-credentials=${registry.dockerConfigFile}`],
      ["--catalog", catalog, ...pins.flatMap((pin) => ["--task", pin])],
      ["--image-map", join(root, "fixtures/stand-ins.imagemap"), "--ca-file", registry.caFile],
      ["-p", `git-url=${git.url}`, "-p", `image=${registry.host}/${repository}:latest`],
      ["-p", "dockerfile=Dockerfile.kaniko"],
    ].flat();
    const run = succeeded(await home.lapcat("run", ...args, "-o", "json"));
    const list = listIn(run.stdout);
    expect(
      taskRunOf(list, "build-push-image").status.steps?.map(({ name, terminated }) => [name, terminated?.exitCode]),
    ).toEqual([
      ["build-and-push", 0],
      ["write-url", 0],
    ]);
    const digest = await expectPushed(servers, list, "build-push-image", "IMAGE_DIGEST", repository);
    expect(valueOf(taskRunOf(list, "build-push-image").status.results, "IMAGE_URL")).toBe(
      `${registry.host}/${repository}:latest`,
    );
    expectNoCredentials(home, servers, run);
    expect(await leftIn(docker, (id) => home.runs().includes(id))).toEqual([]);
    return sayingOf(docker, servers, repository, digest);
  }

  const greeting = "Hello, e2e! This image was built by a Tekton pipeline.";

  test("kaniko 0.7 of the fixtures, the login as a flag", async () => {
    expect(await build(fixtureCatalog, [], "kaniko-fixture", "--secret")).toBe(greeting);
  });

  const upstream = existsSync(upstreamCatalog)
    ? undefined
    : `no ${upstreamCatalog}; TEKTON_CONFORMANCE_DIR says where it is`;
  describeWith("of the catalog, unmodified", upstream, "where it is", () => {
    test("kaniko 0.6, the login as a document", async () => {
      expect(await build(upstreamCatalog, ["kaniko@0.6"], "kaniko-0.6", "document")).toBe(greeting);
    });
    test("kaniko 0.7, the login as a flag", async () => {
      expect(await build(upstreamCatalog, ["kaniko@0.7"], "kaniko-0.7", "--secret")).toBe(greeting);
    });
  });
});
