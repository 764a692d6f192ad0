import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { askResolver } from "./ask-resolver.ts";
import { type Resolver } from "./resolver.ts";
import { worldForTest } from "./world-for-test.ts";

const directory = mkdtempSync(join(tmpdir(), "lapcat-ask-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function told(resolver: Resolver): Promise<string> {
  const { images } = worldForTest({});
  const machine = { fetch, environment: {}, images: () => images, directory };
  const request = { namespace: "default", wanted: "Task", params: [] } as const;
  const answer = await askResolver(resolver, request, [], machine, "20ms");
  return answer.diagnostics.map(({ code, message }) => `${code} ${message}`).join("\n");
}

test("who is late may end what was begun before the scratch space goes", async () => {
  let wasThere = false;
  const resolver: Resolver = async (_, world) => {
    const scratch = await world.temporaryDirectory();
    await sleep(60_000, undefined, { signal: world.signal }).catch(() => {});
    await sleep(50);
    wasThere = existsSync(scratch);
    await writeFile(join(scratch, "left"), "");
    throw new Error("too late");
  };
  expect(await told(resolver)).toBe("resolver.unreachable there was no answer within 20ms");
  expect(wasThere).toBe(true);
  expect(readdirSync(join(directory, "tmp"))).toEqual([]);
});

test("who does not mind the time is not waited for", async () => {
  const started = performance.now();
  expect(
    await told(() => sleep(60_000, undefined, { ref: false }).then(() => Promise.reject(new Error("never")))),
  ).toBe("resolver.unreachable there was no answer within 20ms");
  expect(performance.now() - started).toBeLessThan(10_000);
});
