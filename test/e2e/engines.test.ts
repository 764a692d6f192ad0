// The same on every engine, however it is reached.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineClient } from "./contract-images.ts";
import { docker, dockerSocket, podman } from "./support/clients.ts";
import { type Home, succeeded, temporaryHome } from "./support/lapcat.ts";
import {
  expectNoCredentials,
  expectPushed,
  fixtureCatalog,
  mainJob,
  sayingOf,
  type Servers,
} from "./support/main-job.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";
import { type Proxy, proxyTo } from "./support/proxy.ts";
import { servicesOn } from "./support/services.ts";
import { listIn, taskRunOf, valueOf } from "./support/status.ts";

const images = [
  "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/git-init:v0.18.1",
  "quay.io/buildah/stable:v1.17.0",
  "docker.io/library/busybox:latest",
];

const twoSteps = `
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {generateName: two-steps-}
spec:
  taskSpec:
    results: [{name: said}]
    volumes: [{name: shared, emptyDir: {}}]
    stepTemplate: {image: docker.io/library/busybox:latest, volumeMounts: [{name: shared, mountPath: /shared}]}
    steps:
      - {name: write, script: "echo -n from one step > /shared/note"}
      - {name: read, script: "cat /shared/note | tee $(results.said.path)"}
`;

interface Way {
  readonly client: EngineClient;
  readonly args: readonly string[];
  /** Environment by which lapcat finds it. */
  readonly env: () => Readonly<Record<string, string | undefined>>;
}

function onEngine({ client, args, env }: Way): void {
  let home: Home;
  let servers: Servers;
  beforeAll(async () => {
    home = temporaryHome(client.env);
    servers = await servicesOn(client);
  });
  afterAll(() => home?.remove());
  const nothingLeft = async (): Promise<void> => {
    expect(await leftIn(client, (run) => home.runs().includes(run))).toEqual([]);
  };

  test("a TaskRun of two steps", async () => {
    const run = succeeded(
      await home.lapcatWith(env(), "run", "-f", home.file("two-steps.yaml", twoSteps), ...args, "-o", "json"),
    );
    expect(valueOf(taskRunOf(listIn(run.stdout)).status.results, "said")).toBe("from one step");
    await nothingLeft();
  });

  test("the main job", async () => {
    const image = `${servers.registry.host}/engines:latest`;
    const run = succeeded(
      await home.lapcatWith(
        env(),
        "run",
        ...mainJob(servers, image, "--catalog", fixtureCatalog),
        ...args,
        "-o",
        "json",
      ),
    );
    const digest = await expectPushed(servers, listIn(run.stdout), "build-push-image", "IMAGE_DIGEST", "engines");
    expectNoCredentials(home, servers, run);
    await nothingLeft();
    expect(await sayingOf(client, servers, "engines", digest)).toContain("Hello, e2e!");
  });
}

describeWith("--engine docker", await absenceOf(docker, ...images), "in CI", () => {
  onEngine({ client: docker, args: ["--engine", "docker"], env: () => ({}) });
});

const socketAbsence = dockerSocket === undefined ? "Docker is not at a socket of this machine" : undefined;
describeWith(
  "an engine on another machine, at DOCKER_HOST",
  (await absenceOf(docker, ...images)) ?? socketAbsence,
  "in CI",
  () => {
    let proxy: Proxy;
    beforeAll(async () => {
      proxy = await proxyTo(dockerSocket ?? "", { host: "127.0.0.1", port: 0 });
    });
    afterAll(() => proxy?.close());
    onEngine({
      client: docker,
      args: [],
      env: () => ({ DOCKER_HOST: `tcp://127.0.0.1:${proxy.port}`, LAPCAT_PLACEMENT: "archive" }),
    });
  },
);

// Podman is the second engine: a machine for checking need not have it.
describeWith("--engine podman", await absenceOf(podman, ...images), "where it is", () => {
  onEngine({ client: podman, args: ["--engine", "podman"], env: () => ({}) });
});
