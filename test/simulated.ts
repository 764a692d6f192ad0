import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { simulate, type SimulateOptions } from "../packages/cli/src/simulate.ts";
import { type Output } from "../packages/cli/src/output.ts";
import { type World } from "../packages/cli/src/world.ts";
import { type RunList } from "../packages/run/src/index.ts";

/** How Tekton is configured for a case. */
export interface Flags {
  readonly gate: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly defaults: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly code: number;
  /** Absent where the documents were refused. */
  readonly list: RunList | undefined;
  readonly told: string;
}

const scratch = mkdtempSync(join(tmpdir(), "lapcat-simulate-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Of a command line that says nothing but its files. */
export const unsaid = {
  recursive: false,
  featureFlag: [],
  configDefault: [],
  param: [],
  workspace: [],
  labels: [],
  catalog: [],
  task: [],
  secret: [],
  only: [],
  from: [],
  until: [],
  result: [],
} as const;

/** `lapcat simulate -f FILE -o json`, without a process of its own. */
export async function simulated(file: string, outcomes: unknown, { gate, flags, defaults }: Flags): Promise<Answer> {
  const script = join(scratch, "outcomes.json");
  writeFileSync(script, JSON.stringify(outcomes ?? {}));
  const pairs = (values: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(values).map(([key, value]) => `${key}=${value}`);
  const options: SimulateOptions = {
    ...unsaid,
    filename: [file],
    enableApiFields:
      flags["enable-api-fields"] ?? (gate === "default" ? "beta" : gate === "alpha-all" ? "alpha" : gate),
    featureFlag: pairs({ ...(gate === "alpha-all" && allAlpha), ...flags }),
    configDefault: pairs(defaults),
    outcomes: script,
    // Whoever fetches waits for ever in upstream's simulator.
    offline: true,
    output: "json",
  };
  const { code, shown, told } = await inProcess((world) => simulate(world, options, undefined));
  return { code, list: shown === "" ? undefined : (JSON.parse(shown) as RunList), told };
}

/** A command without a process of its own. */
export async function inProcess(
  command: (world: World) => Promise<number>,
): Promise<{ readonly code: number; readonly shown: string; readonly told: string }> {
  const [out, err] = [captured(), captured()];
  const code = await command({ env: {}, home: scratch, stdin: nothing(), out: out.output, err: err.output });
  return { code, shown: out.text(), told: err.text() };
}

const allAlpha = {
  "keep-pod-on-cancel": "true",
  "enable-cel-in-whenexpression": "true",
  "enable-artifacts": "true",
  "enable-param-enum": "true",
  "enable-concise-resolver-syntax": "true",
};

async function* nothing(): AsyncGenerator<Uint8Array> {}

function captured(): { readonly output: Output; text(): string } {
  let text = "";
  const add = (more: Uint8Array | string): void => void (text += typeof more === "string" ? more : Buffer.from(more));
  const output: Output = {
    style: { colour: false },
    isTerminal: false,
    columns: 80,
    closed: new AbortController().signal,
    print: (...lines) => lines.forEach((line) => add(`${line}\n`)),
    write: (bytes) => Promise.resolve(add(bytes)),
    status: () => undefined,
    flush: () => Promise.resolve(),
  };
  return { output, text: () => text };
}
