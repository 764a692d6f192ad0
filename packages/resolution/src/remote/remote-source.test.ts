import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layerFor, registryForTest, type RegistryForTest } from "./bundle-for-test.ts";
import { answerOf, type RemoteSource } from "./remote-source.ts";
import { imagesForTest } from "./world-for-test.ts";

let directory: string;
let registry: RegistryForTest;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lapcat-kept-"));
  registry = await registryForTest();
});
afterEach(async () => {
  await registry.close();
  await rm(directory, { recursive: true, force: true });
});

async function ask(bundle: string, inPlace: string = bundle): Promise<string> {
  const images = { ...imagesForTest([]), inPlaceOf: () => Promise.resolve(inPlace) };
  const source: RemoteSource = {
    kind: "machine",
    fetch,
    environment: {},
    images: () => images,
    directory,
    offline: false,
  };
  const params = Object.entries({ bundle, name: "build" }).map(([name, value]) => ({ name, value }));
  const request = { resolver: "bundles", kind: "Task", params, namespace: "default" } as const;
  const answer = await answerOf(request, source, [], undefined);
  return answer?.ok === true ? answer.value.text : (answer?.diagnostics[0]?.code ?? "");
}

test("a bundle by its digest is fetched once; what an image map puts in its place is another, and is not kept for it", async () => {
  const layer = (text: string): ReturnType<typeof layerFor> => layerFor("task", "build", Buffer.from(text));
  const digest = registry.push("org/catalog", "v1", [layer("its own")]);
  registry.push("stand/in", "v1", [layer("another")]);
  const bundle = `${registry.host}/org/catalog@${digest}`;
  const mapped = `${registry.host}/stand/in:v1`;
  expect(await ask(bundle, mapped)).toBe("another");
  expect(await ask(bundle)).toBe("its own");
  const before = registry.asked.length;
  expect(await ask(bundle)).toBe("its own");
  expect(registry.asked.length).toBe(before);
  registry.push("stand/in", "v1", [layer("newer")]);
  expect(await ask(bundle, mapped)).toBe("newer");
});
