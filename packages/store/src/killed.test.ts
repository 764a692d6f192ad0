import { AsyncLocalStorage } from "node:async_hooks";
import fs from "node:fs";
import promises from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunEvent } from "@lapcat/run";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { openStore, type Store } from "./index.ts";

vi.setConfig({ testTimeout: 60_000 });

const started: RunEvent = {
  type: "run.started",
  kind: "TaskRun",
  name: "hello",
  namespace: "default",
  uid: "u",
  lapcat: "0.1.0",
};
const finished: RunEvent = { type: "run.finished", status: "True", reason: "Succeeded", message: "", results: [] };

type When = "before" | "after";

/** Whoever works in its context is killed at one of the changes he makes, and thereafter makes none. */
interface Death {
  readonly at: number;
  readonly when: When;
  count: number;
  come(): void;
}
const mortals = new AsyncLocalStorage<Death>();

type Functions = Record<string, (...args: readonly unknown[]) => unknown>;
const changes: readonly (readonly [module: Functions, names: readonly string[]])[] = [
  [promises as unknown as Functions, ["mkdir", "writeFile", "rename", "link", "rm", "truncate"]],
  [fs as unknown as Functions, ["openSync"]],
];
const originals = changes.map(([module, names]) => names.map((name) => module[name]));

beforeAll(() => {
  for (const [module, names] of changes) {
    const isAsync = module !== changes[1]?.[0];
    for (const name of names) {
      const change = module[name];
      if (change === undefined) throw new Error(`no ${name}`);
      module[name] = (...args) => {
        const own = mortals.getStore();
        if (own === undefined || !String(args[0]).startsWith(tmpdir())) return change(...args);
        own.count += 1;
        if (own.count < own.at) return change(...args);
        const last = own.count === own.at && own.when === "after" ? change(...args) : undefined;
        if (!isAsync) {
          own.come();
          throw new Error("killed");
        }
        // It waits for ever.
        return Promise.resolve(last).then(() => {
          own.come();
          return new Promise(() => undefined);
        });
      };
    }
  }
  syncBuiltinESMExports();
});
afterAll(() => {
  changes.forEach(([module, names], index) =>
    names.forEach((name, place) => {
      const original = originals[index]?.[place];
      if (original !== undefined) module[name] = original;
    }),
  );
  syncBuiltinESMExports();
});

let root: string;
let store: Store;
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), "lapcat-killed-"));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

function namesIn(directory: string): readonly string[] {
  return fs.existsSync(directory) ? fs.readdirSync(directory).toSorted() : [];
}
const visible = (): readonly string[] => namesIn(store.root).filter((name) => !name.startsWith("."));
const marks = (): readonly string[] => [".unswept", ".kept"].flatMap((each) => namesIn(join(store.root, each)));

/** The process that did all this is no more. */
function bury(): void {
  for (const id of visible())
    for (const name of namesIn(join(store.root, id)).filter((each) => /^\.?owner/u.test(each))) {
      const path = join(store.root, id, name);
      if (fs.statSync(path).size > 0) fs.writeFileSync(path, "999999999\nanother boot\n");
    }
}

type Work = (store: Store) => Promise<unknown>;

/** Does some work, which does not end well: nobody says goodbye. False when it was done before death came. */
async function killed(work: Work, at = Number.POSITIVE_INFINITY, when: When = "before"): Promise<boolean> {
  const came = await new Promise<boolean>((resolve, reject) => {
    const death: Death = { at, when, count: 0, come: () => resolve(true) };
    mortals
      .run(death, () => work(openStore(store.root)))
      .then(
        () => resolve(false),
        (error: unknown) => (death.count < at ? reject(error as Error) : undefined),
      );
  });
  bury();
  return came;
}

/** As every command does; returns what it swept. */
async function sweep(of: Store = store): Promise<readonly string[]> {
  const left = await of.unswept();
  for (const { id, extent } of left) {
    await using held = await of.holdForSweep(id);
    if (held === undefined) throw new Error(`${id} is somebody's`);
    await of.markSwept(id, extent);
  }
  return left.map(({ id }) => id);
}

const make: Work = async (of) => (await of.create("hello", "kind: TaskRun\n", "podman")).append(started, 0);

describe.for(["before", "after"] as const)("killed %s any change in the directory", (when) => {
  /** Each time in a directory of its own. Says how many changes there were. */
  async function everywhere(
    work: Work,
    prepare: () => Promise<unknown>,
    check: (where: string) => Promise<void>,
  ): Promise<number> {
    for (let at = 1; ; at++) {
      store = openStore(join(root, `${at}`));
      await prepare();
      if (!(await killed(work, at, when))) return at - 1;
      await check(`killed ${when} change ${at}`);
    }
  }

  test("a run is one that can be gone on with and is swept, or it is nothing and its name is free", async () => {
    const count = await everywhere(
      make,
      () => Promise.resolve(),
      async (where) => {
        const isRun = (await store.list()).includes("hello");
        const swept = await sweep();
        const before = [visible(), marks()];
        const writer = await (isRun ? store.resume("hello") : store.create("hello", ""));
        await writer[Symbol.asyncDispose]();
        const ids = isRun ? ["hello"] : [];
        expect([where, before, writer.id]).toEqual([where, [ids, ids], "hello"]);
        expect([where, swept, await sweep()]).toEqual([where, expect.arrayContaining(ids), ["hello"]]);
      },
    );
    expect(count).toBeGreaterThan(10);
  });

  test("a run that was gone on with still can be, and is swept again", async () => {
    const count = await everywhere(
      async (of) => (await of.resume("hello")).append({ type: "finally.started" }, 1),
      async () => {
        await killed(make);
        await sweep();
      },
      async (where) => {
        await sweep();
        const writer = await store.resume("hello");
        writer.append({ type: "finally.started" }, 2);
        await writer[Symbol.asyncDispose]();
        expect([where, await sweep()]).toEqual([where, ["hello"]]);
        const types = (await (await store.read("hello")).events()).map(({ event }) => event.type);
        expect([where, types.at(-1)]).toEqual([where, "finally.started"]);
      },
    );
    expect(count).toBeGreaterThan(4);
  });

  test("of a run whose end is in its log nothing is noted once it is swept", async () => {
    const count = await everywhere(
      async (of) => {
        await using writer = await of.resume("hello");
        writer.append(finished, 1);
        await of.markSwept("hello", "all");
      },
      () => killed(make),
      async (where) => {
        await sweep();
        const state = await (await store.read("hello")).state();
        expect([where, marks()]).toEqual([where, state === "finished" ? [] : ["hello"]]);
        expect([where, ["finished", "interrupted"]]).toEqual([where, expect.arrayContaining([state])]);
      },
    );
    expect(count).toBeGreaterThan(6);
  });

  test("whoever was killed while sweeping is swept after: what is no run goes, what is one stays", async () => {
    const count = await everywhere(
      sweep,
      async () => {
        await killed(make);
        await killed(make);
        await store.remove("hello-2");
        await killed(make, 7);
      },
      async (where) => {
        await sweep();
        expect([where, visible()]).toEqual([where, ["hello"]]);
        expect([where, marks()]).toEqual([where, ["hello"]]);
        expect([where, await sweep()]).toEqual([where, []]);
      },
    );
    expect(count).toBeGreaterThan(10);
  });
});
