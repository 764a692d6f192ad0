import { afterAll, beforeAll, expect, test } from "vitest";
import { type EngineClient } from "../contract-images.ts";
import { conversations, outcomeOf } from "./conversations.ts";
import { type Home, succeeded, temporaryHome } from "./lapcat.ts";
import { expectNoCredentials, expectPushed, fixtureCatalog, mainJob, sayingOf, type Servers } from "./main-job.ts";
import { leftIn } from "./on-engine.ts";
import { servicesOn } from "./services.ts";
import { listIn } from "./status.ts";

export const imagesOnAnyEngine = [
  "ghcr.io/tektoncd/github.com/tektoncd/pipeline/cmd/git-init:v0.18.1",
  "quay.io/buildah/stable:v1.17.0",
  "docker.io/library/busybox:latest",
] as const;

/** An engine, and how lapcat finds it. */
export interface Way {
  readonly client: EngineClient;
  readonly args: readonly string[];
  readonly env: () => Readonly<Record<string, string | undefined>>;
  readonly home?: () => Home;
  /** A path of this checkout as lapcat sees it. */
  readonly path?: (path: string) => string;
}

/** The tests that pass on every engine, however it is reached. */
export function onAnyEngine({ client, args, env, path = (own) => own, ...way }: Way): void {
  let home: Home;
  let servers: Servers;
  beforeAll(async () => {
    home = way.home?.() ?? temporaryHome(client.env);
    servers = await servicesOn(client);
  });
  afterAll(() => home?.remove());
  const left = (): Promise<readonly string[]> => leftIn(client, (run) => home.runs().includes(run));

  // Side by side: each is a run of its own, and waits for the engine most of the time.
  test.concurrent.for(conversations)("$title", async (conversation, { expect }) => {
    const file = home.file(`${conversations.indexOf(conversation)}.yaml`, conversation.document);
    const run = await home.lapcatWith(env(), "run", "-f", file, ...args, "-o", "json");
    const { reason, results } = conversation;
    if (run.code > 1) throw new Error(`lapcat ended with ${run.code}:\n${run.stderr}`);
    expect(run.code).toBe(reason === "Succeeded" ? 0 : 1);
    expect(outcomeOf(listIn(run.stdout), conversation)).toEqual(
      results === undefined ? { reason } : { reason, results },
    );
    for (const line of conversation.shows ?? []) expect(run.stderr.split("\n")).toContain(line);
  });

  test("they leave nothing behind", async () => {
    expect(await left()).toEqual([]);
  });

  test("the main job", async () => {
    const image = `${servers.registry.host}/engines:latest`;
    const job = mainJob(servers, image).map(path);
    const run = succeeded(
      await home.lapcatWith(env(), "run", ...job, "--catalog", path(fixtureCatalog), ...args, "-o", "json"),
    );
    const digest = await expectPushed(servers, listIn(run.stdout), "build-push-image", "IMAGE_DIGEST", "engines");
    expectNoCredentials(home, servers, run);
    expect(await left()).toEqual([]);
    expect(await sayingOf(client, servers, "engines", digest)).toContain("Hello, e2e!");
  });
}
