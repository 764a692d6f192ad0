// Definitions of hubs and of bundles: a Pipeline of a hub whose Tasks are in a bundle behind a password, and in another hub; and, as Tekton's
// examples have them, those of its catalog in the little internet.
import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { absence, type Example } from "../../scripts/conformance/examples.ts";
import { type Places, placesOf } from "../../scripts/conformance/places.ts";
import { engineFor, runExample, surprise } from "../../scripts/conformance/run-example.ts";
import { type Internet, startInternet } from "../../scripts/internet.ts";
import {
  artifactHub,
  bundleRegistry,
  type CatalogEntry,
  type Host,
  tektonHub,
} from "../../scripts/services/catalog-hosts.ts";
import { treatmentOf } from "../example-verdicts.ts";
import { docker } from "./support/clients.ts";
import { succeeded, temporaryHome } from "./support/lapcat.ts";
import { absenceOf, describeWith, leftIn } from "./support/on-engine.ts";

const image = "docker.io/library/busybox:latest";

const entry = (kind: CatalogEntry["kind"], name: string, version: string, definition: object): CatalogEntry => ({
  kind,
  name,
  version,
  text: JSON.stringify(definition),
});
const saying = (apiVersion: string, text: string): object => ({
  apiVersion,
  kind: "Task",
  metadata: { name: "say" },
  spec: {
    results: [{ name: "said" }],
    steps: [{ name: "say", image, script: `printf '${text}' > $(results.said.path)` }],
  },
});
const fromBundle = {
  resolver: "bundles",
  params: Object.entries({ bundle: "$(params.bundle)", name: "say", kind: "task", secret: "pull" }).map(
    ([name, value]) => ({ name, value }),
  ),
};
const fromHub = {
  resolver: "hub",
  params: Object.entries({ type: "tekton", name: "say", version: "0.9.0" }).map(([name, value]) => ({ name, value })),
};
const pipeline = {
  apiVersion: "tekton.dev/v1",
  kind: "Pipeline",
  metadata: { name: "talk" },
  spec: {
    params: [{ name: "bundle" }],
    results: ["bundled", "old"].map((name) => ({ name, value: `$(tasks.${name}.results.said)` })),
    tasks: [
      { name: "bundled", taskRef: fromBundle },
      { name: "old", taskRef: fromHub },
    ],
  },
};
const catalog = [
  entry("pipeline", "talk", "0.2", pipeline),
  entry("pipeline", "talk", "1.0", { ...pipeline, spec: {} }),
  entry("task", "say", "0.9", saying("tekton.dev/v1beta1", "nine")),
  entry("task", "say", "0.10", saying("tekton.dev/v1", "ten")),
];

const password = "of-the-registry-only";
const authorization = `Basic ${Buffer.from(`puller:${password}`).toString("base64")}`;
const bundles = bundleRegistry(catalog, ({ name }) => `team/${name}`);
const registry: Host = (request, response) => {
  if (request.headers.authorization !== authorization)
    return void response.writeHead(401, { "www-authenticate": 'Basic realm="bundles"' }).end();
  if (request.url === "/v2/") return void response.end("{}");
  if (!bundles(request, response)) response.writeHead(404).end("{}");
};

interface Condition {
  readonly status: string;
}
interface Item {
  readonly kind: string;
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
  readonly status: {
    readonly conditions: readonly Condition[];
    readonly results?: unknown;
    readonly provenance?: { readonly refSource?: unknown };
  };
}

describeWith("definitions of bundles and of hubs", await absenceOf(docker, image), "in CI", () => {
  const home = temporaryHome();
  const servers: Server[] = [];
  let places: readonly string[];
  beforeAll(async () => {
    places = await Promise.all(
      [registry, artifactHub(catalog), tektonHub(catalog)].map(async (host) => {
        const server = createServer(host);
        servers.push(server);
        await new Promise<void>((resolve) => {
          server.listen(0, "127.0.0.1", resolve);
        });
        return `127.0.0.1:${(server.address() as AddressInfo).port}`;
      }),
    );
  });
  afterAll(() => {
    for (const server of servers) server.close();
    home.remove();
  });

  const documents = (version: string): string => {
    const [bundled = ""] = places;
    const auths = { [bundled]: { username: "puller", password } };
    const pull = {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/dockerconfigjson",
      metadata: { name: "pull" },
      stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
    };
    const params = Object.entries({ kind: "pipeline", name: "talk", version, catalog: "mine" });
    const run = {
      apiVersion: "tekton.dev/v1",
      kind: "PipelineRun",
      metadata: { generateName: "talk-" },
      spec: {
        pipelineRef: { resolver: "hub", params: params.map(([name, value]) => ({ name, value })) },
        params: [{ name: "bundle", value: `${bundled}/team/say:0.10` }],
      },
    };
    return [pull, run].map((each) => JSON.stringify(each)).join("\n---\n");
  };
  const hubs = (): Record<string, string> => ({
    ARTIFACT_HUB_API: `http://${places[1]}/`,
    TEKTON_HUB_API: `http://${places[2]}`,
  });

  test("are run, and the status tells where each came from", async () => {
    const file = home.file("talk.yaml", documents(">= 0.1, < 1"));
    const { stdout } = succeeded(await home.lapcatWith(hubs(), "run", "-f", file, "-o", "json"));
    const { items } = JSON.parse(stdout) as { readonly items: readonly Item[] };
    const [run] = items;
    expect(run?.status.results).toEqual([
      { name: "bundled", value: "ten" },
      { name: "old", value: "nine" },
    ]);
    const hex = expect.stringMatching(/^[0-9a-f]{64}$/u) as unknown;
    const digest = { sha256: hex };
    const sources = Object.fromEntries(
      items.map(({ metadata, status }) => [
        metadata.labels?.["tekton.dev/pipelineTask"] ?? "run",
        status.provenance?.refSource,
      ]),
    );
    expect(sources).toEqual({
      run: { uri: `http://${places[1]}/api/v1/packages/tekton-pipeline/mine/talk/0.2.0`, digest },
      bundled: { uri: `${places[0]}/team/say`, digest, entryPoint: "say" },
      old: { uri: `http://${places[2]}/v1/resource/Tekton/task/say/0.9/yaml`, digest },
    });
    expect(home.kept()).not.toContain(password);
    expect(home.kept()).not.toContain(authorization.slice("Basic ".length));
  });

  test("that are not there are told at the reference", async () => {
    const file = home.file("gone.yaml", documents(">= 7"));
    const { code, stderr } = await home.lapcatWith(hubs(), "run", "-f", file);
    expect(code).toBe(2);
    expect(stderr).toContain("error[resolver.missing]");
    expect(stderr).toContain(`no version of the pipeline "talk" at http://${places[1]} is ">= 7"`);
    expect(stderr).toContain("It has 1.0.0, 0.2.0");
  });

  test("leave nothing behind", async () => {
    const ours = new Set(home.runs());
    expect(ours.size).toBeGreaterThan(0);
    expect(await leftIn(docker, (run) => ours.has(run))).toEqual([]);
  });
});

const given = (values: Readonly<Record<string, string>>): object =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const nocode = given({ url: "https://github.com/kelseyhightower/nocode", revision: "master" });
const ofTask = (resolver: string, params: Readonly<Record<string, string>>): object => ({
  kind: "TaskRun",
  spec: {
    taskRef: { resolver, params: given(params) },
    params: nocode,
    workspaces: [{ name: "output", emptyDir: {} }],
  },
});
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

const examples: Readonly<Record<string, object>> = {
  "a version of Artifact Hub": ofTask("hub", { kind: "task", name: "git-clone", version: "0.10" }),
  "the newest version of Artifact Hub that fits": ofTask("hub", {
    catalog: "tekton-catalog-tasks",
    type: "artifact",
    name: "git-clone",
    version: ">=0.7.0, < 2.0.0",
  }),
  "a version of a Tekton Hub": ofTask("hub", {
    type: "tekton",
    url: "https://api.hub.tekton.dev",
    name: "git-clone",
    version: "0.9",
  }),
  "a StepAction of Artifact Hub": {
    kind: "TaskRun",
    spec: {
      params: nocode,
      taskSpec: {
        params: [{ name: "url" }, { name: "revision" }],
        steps: [
          {
            name: "clone",
            ref: {
              resolver: "hub",
              params: given({ catalog: "git-clone-stepaction", kind: "stepaction", name: "git-clone", version: "0.1" }),
            },
            params: given({ "output-path": "/tmp/nocode", url: "$(params.url)", revision: "$(params.revision)" }),
          },
        ],
      },
    },
  },
  "a bundle by its digest, in a Pipeline": {
    kind: "PipelineRun",
    spec: {
      workspaces: [{ name: "output", emptyDir: {} }],
      pipelineSpec: {
        workspaces: [{ name: "output" }],
        tasks: [
          {
            name: "clone",
            taskRef: {
              resolver: "bundles",
              params: given({
                bundle: `ghcr.io/tektoncd/catalog/upstream/tasks/git-clone@${digest}`,
                name: "git-clone",
                kind: "task",
              }),
            },
            params: nocode,
            workspaces: [{ name: "output" }],
          },
        ],
      },
    },
  },
};

const needed = absence ?? (await absenceOf(docker, "ghcr.io/tektoncd-catalog/git-clone:v1.1.0"));
describeWith("Tekton's catalog in hubs and bundles", needed, "where it is", () => {
  const home = temporaryHome();
  let internet: Internet | undefined;
  let places: Places;
  beforeAll(async () => {
    internet = await startInternet(`${inject("servicesPrefix")}-hub`);
    places = placesOf(internet, home.directory);
  });
  afterAll(async () => {
    await internet?.close();
    home.remove();
  });

  test.for(Object.entries(examples))("%s is run", async ([name, run]) => {
    const generateName = `${name.toLowerCase().replaceAll(/[^a-z]+/gu, "-")}-`;
    const document = { apiVersion: "tekton.dev/v1", metadata: { generateName }, ...run };
    const file = home.file(`${generateName}.yaml`, JSON.stringify(document));
    const example: Example = { path: "v1/taskruns/beta/hub-resolver.yaml", file, level: "beta", offline: "yes" };
    const treatment = treatmentOf(example.path, example.offline);
    const outcome = await runExample(example, treatment, await engineFor(docker), places, home.keeps);
    const unexpected = surprise(outcome, treatment);
    expect(unexpected === undefined ? "as expected" : `${unexpected}\n${outcome.said}`).toBe("as expected");
  });
});
