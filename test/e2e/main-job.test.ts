// Clone, build, push, digest: the catalog's own Tasks on a real engine.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { docker, root } from "./support/clients.ts";
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
import { servicesOn } from "./support/services.ts";
import { listIn, pipelineRunOf, taskRunOf, valueOf } from "./support/status.ts";

const conformance = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(root, "../shared/conformance");
const upstreamCatalog = join(conformance, "catalog");
const images = [
  "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/git-init:v0.18.1",
  "quay.io/buildah/stable:v1.17.0",
] as const;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/u;

describeWith("the main job", await absenceOf(docker, ...images), "in CI", () => {
  let servers: Servers;
  let home: Home;
  let grantsPrivileged: boolean;
  beforeAll(async () => {
    servers = await servicesOn(docker);
    home = temporaryHome();
    grantsPrivileged = !(await execa("docker", ["run", "--rm", "--privileged", images[1], "true"], { reject: false }))
      .failed;
  });
  afterAll(() => home?.remove());

  const ours = (run: string): boolean => home.runs().includes(run);
  const imageOf = (repository: string): string => `${servers.registry.host}/${repository}:latest`;

  describe("with the fixtures' catalog", () => {
    test("plan names the tasks in order, and the versions that were chosen", async () => {
      const { stdout, stderr } = succeeded(
        await home.lapcat("plan", ...mainJob(servers, imageOf("plan")), "--catalog", fixtureCatalog, "-o", "json"),
      );
      const names = [...stdout.matchAll(/"name": ?"(fetch-repository|build-push-image)"/gu)].map((each) => each[1]);
      expect([...new Set(names)]).toEqual(["fetch-repository", "build-push-image"]);
      expect(stderr).toContain("Task git-clone is version 0.2 of the catalog");
      expect(stderr).toContain("Task buildah is version 0.1 of the catalog");
      expect(home.runs()).toEqual([]);
    });

    test("run shows each step's output, the times and the digest; describe tells it as Tekton does", async () => {
      const run = succeeded(
        await home.lapcat("run", ...mainJob(servers, imageOf("fixtures")), "--catalog", fixtureCatalog),
      );
      const described = succeeded(await home.lapcat("describe", "last", "-o", "json"));
      const list = listIn(described.stdout);
      const digest = await expectPushed(servers, list, "build-push-image", "IMAGE_DIGEST", "fixtures");

      expect(run.stdout).toMatch(/^\[fetch-repository : clone\] /mu);
      for (const step of ["build", "push", "digest-to-results"])
        expect(run.stdout).toContain(`[build-push-image : ${step}] `);
      expect(run.stdout).toMatch(new RegExp(`IMAGE_DIGEST +${digest}`, "u"));
      expect(run.stdout).toMatch(/Succeeded in [\d.]+ ?s/u);

      const logs = await home.lapcat("logs", "last", "build-push-image", "digest-to-results");
      expect(logs.stdout).toContain(digest);
      expectNoCredentials(home, servers, run, described, logs);
      expect(await leftIn(docker, ours)).toEqual([]);
      expect(await sayingOf(docker, servers, "fixtures", digest)).toBe(
        "Hello, e2e! This image was built by a Tekton pipeline.",
      );
    });
  });

  test("without --ca-file the registry's certificate is not trusted, and the step that meets it says so", async () => {
    const args = mainJob(servers, imageOf("untrusted"), "--catalog", fixtureCatalog);
    const at = args.indexOf("--ca-file");
    const { code, stdout } = await home.lapcat("run", ...args.slice(0, at), ...args.slice(at + 2));
    expect(stdout).toMatch(/^\[build-push-image : build\] .*x509: certificate signed by unknown authority/mu);
    expect(code).toBe(1);
  });

  const upstream = existsSync(upstreamCatalog)
    ? undefined
    : `no ${upstreamCatalog}; TEKTON_CONFORMANCE_DIR says where it is`;
  describeWith("with the catalog's unmodified Tasks", upstream, "where it is", () => {
    test.for([
      [
        "git-clone 0.2 and buildah 0.1, as the blog had them",
        ["git-clone@0.2", "buildah@0.1"],
        ["0.2", "0.1"],
        ["build", "push", "digest-to-results"],
      ],
      ["git-clone 0.9 and buildah 0.9", ["git-clone@0.9", "buildah@0.9"], ["0.9", "0.9"], ["build-and-push"]],
      ["the newest by semver, git-clone 0.10 and buildah 0.9", [], ["0.10", "0.9"], ["build-and-push"]],
    ] as const)("%s", async ([, pins, [gitClone, buildah], steps]) => {
      const repository = `upstream-${gitClone}-${buildah}`;
      const args = mainJob(
        servers,
        imageOf(repository),
        "--catalog",
        upstreamCatalog,
        ...pins.flatMap((pin) => ["--task", pin]),
      );
      const run = succeeded(await home.lapcat("run", ...args, "-o", "json"));
      const why = pins.length > 0 ? "as asked for" : "the newest of";
      expect(run.stderr).toContain(`Task git-clone is version ${gitClone} of the catalog (${why}`);
      expect(run.stderr).toContain(`Task buildah is version ${buildah} of the catalog (${why}`);

      const list = listIn(run.stdout);
      expect(list).toMatchObject({ apiVersion: "v1", kind: "List" });
      expect(list.items.map(({ kind }) => kind)).toEqual(["PipelineRun", "TaskRun", "TaskRun"]);
      const pipelineRun = pipelineRunOf(list);
      const { name } = pipelineRun.metadata;
      expect(name).toMatch(/^build-image-[bcdfghjklmnpqrstvwxz2456789]{5}$/u);
      expect(pipelineRun).toMatchObject({
        apiVersion: "tekton.dev/v1",
        status: {
          conditions: [
            {
              type: "Succeeded",
              status: "True",
              reason: "Succeeded",
              message: "Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0",
            },
          ],
          startTime: expect.stringMatching(time),
          completionTime: expect.stringMatching(time),
          childReferences: [
            {
              apiVersion: "tekton.dev/v1",
              kind: "TaskRun",
              name: `${name}-fetch-repository`,
              pipelineTaskName: "fetch-repository",
            },
            {
              apiVersion: "tekton.dev/v1",
              kind: "TaskRun",
              name: `${name}-build-push-image`,
              pipelineTaskName: "build-push-image",
            },
          ],
        },
      });
      for (const task of ["fetch-repository", "build-push-image"]) {
        expect(taskRunOf(list, task)).toMatchObject({
          apiVersion: "tekton.dev/v1",
          metadata: {
            name: `${name}-${task}`,
            labels: {
              "tekton.dev/pipelineRun": name,
              "tekton.dev/pipelineTask": task,
              "tekton.dev/pipeline": "build-image-pipeline",
            },
          },
          status: {
            conditions: [
              { type: "Succeeded", status: "True", reason: "Succeeded", message: "All Steps have completed executing" },
            ],
            podName: `${name}-${task}-pod`,
            startTime: expect.stringMatching(time),
            completionTime: expect.stringMatching(time),
          },
        });
      }
      const { status: cloned } = taskRunOf(list, "fetch-repository");
      expect(valueOf(cloned.results, "commit")).toMatch(/^[0-9a-f]{40}$/u);
      expect(valueOf(cloned.results, "url")).toBe(servers.git.url);
      const { status: built } = taskRunOf(list, "build-push-image");
      expect(built.steps).toMatchObject(
        steps.map((step) => ({
          name: step,
          container: `step-${step}`,
          imageID: expect.stringMatching(/sha256:[0-9a-f]{64}$/u),
          terminated: {
            exitCode: 0,
            reason: "Completed",
            startedAt: expect.stringMatching(time),
            finishedAt: expect.stringMatching(time),
            containerID: expect.stringMatching(/[0-9a-f]{64}$/u),
          },
          terminationReason: "Completed",
        })),
      );
      expect(valueOf(built.results, "IMAGE_URL")).toBe(buildah === "0.9" ? imageOf(repository) : undefined);

      const digest = await expectPushed(servers, list, "build-push-image", "IMAGE_DIGEST", repository);
      // buildah asks for privileged; an engine that cannot grant it is told of once.
      expect(run.stderr.split("[engine.privileged]")).toHaveLength(grantsPrivileged ? 1 : 2);
      expectNoCredentials(home, servers, run);
      expect(await leftIn(docker, ours)).toEqual([]);
      expect(await sayingOf(docker, servers, repository, digest)).toContain("Hello, e2e!");
    });
  });
});
