import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatDiagnostic, sourceFile, type Diagnostic } from "../packages/diagnostic/src/index.ts";
import { parseManifest, stringifyManifest } from "../packages/manifest/src/index.ts";
import { loadSources } from "../packages/resolution/src/index.ts";
import {
  adviseOn,
  attemptResources,
  convertManifest,
  defaultGates,
  readResources,
  validateResources,
  withCel,
  type Gates,
} from "../packages/tekton/src/index.ts";
import { hostile } from "./fuzz/hostile.ts";
import { mutated, mutatedText } from "./fuzz/mutations.ts";
import { random } from "./fuzz/random.ts";

const seed = Number(process.env["LAPCAT_FUZZ_SEED"] ?? 20_261_122);
const inputs = Number(process.env["LAPCAT_FUZZ_INPUTS"] ?? 20_000);
const home = process.env["TEKTON_CONFORMANCE_DIR"] ?? join(import.meta.dirname, "../../shared/conformance");

/** Our own documents, and a part of Tekton's where they are at hand. */
function seedTexts(): readonly string[] {
  const own = globSync("fixtures/**/*.yaml", { cwd: join(import.meta.dirname, "..") }).sort();
  const texts = own.map((name) => readFileSync(join(import.meta.dirname, "..", name), "utf8"));
  if (!existsSync(home)) return texts;
  const theirs = globSync(["examples/**/*.yaml", "validation/valid/*.yaml"], { cwd: home }).sort();
  return [
    ...texts,
    ...theirs.filter((_, index) => index % 5 === 0).map((name) => readFileSync(join(home, name), "utf8")),
  ];
}

const all: Gates = await withCel({
  ...defaultGates,
  apiFields: "alpha",
  paramEnum: true,
  celInWhen: true,
  artifacts: true,
});

interface Examined {
  readonly diagnostics: readonly Diagnostic[];
  /** Documents that something was made of. */
  readonly taken: number;
}

type Pass = (text: string) => Examined;

/** What is done with a text before anything runs: as `validate` does it, by default and with all that is alpha, and as `convert` does. */
const passes: readonly Pass[] = [
  (text) => {
    const parsed = parseManifest(sourceFile("fuzz.yaml", text));
    const { resources, ignored, diagnostics } = attemptResources(parsed.ok ? parsed.value : []);
    const found = [...parsed.diagnostics, ...diagnostics, ...validateResources(resources), ...adviseOn(resources)];
    for (const each of found.slice(0, 20)) formatDiagnostic(each, { colour: false });
    return { diagnostics: found, taken: resources.length + ignored.length };
  },
  (text) => {
    const parsed = parseManifest(sourceFile("fuzz.yaml", text));
    const { diagnostics } = readResources(parsed.ok ? parsed.value : []);
    const { resources } = attemptResources(parsed.ok ? parsed.value : []);
    return { diagnostics: [...parsed.diagnostics, ...diagnostics, ...validateResources(resources, all)], taken: 1 };
  },
  (text) => ({ diagnostics: convertManifest(sourceFile("fuzz.yaml", text)).diagnostics, taken: 1 }),
];

function measured(pass: Pass, text: string): Examined & { readonly seconds: number } {
  const before = process.cpuUsage();
  const examined = pass(text);
  return { ...examined, seconds: process.cpuUsage(before).user / 1_000_000 };
}

/** What is wrong with the way a text was taken, if anything. The time is the processor's: a busy machine is no mistake. */
function fault(text: string): string | undefined {
  for (const [index, pass] of passes.entries()) {
    try {
      const { diagnostics, taken, seconds } = measured(pass, text);
      // Once more before it is said: garbage of the inputs before may have been collected in this one's time.
      const least = seconds > 1 ? Math.min(seconds, measured(pass, text).seconds) : seconds;
      if (least > 1) return `pass ${index} took ${least.toFixed(1)} s`;
      const isEmpty = /^(?:\s|#.*|%.*|&[^\s,[\]{}]+|---|\.\.\.|~|null)*$/u.test(text);
      if (taken === 0 && diagnostics.length === 0 && !isEmpty) return "nothing was said of it, and nothing made of it";
      const outside = diagnostics.find(
        ({ span }) => span !== undefined && (span.start < 0 || span.end > text.length || span.start > span.end),
      );
      if (outside !== undefined) return `the place of ${outside.code} is outside the text`;
    } catch (error) {
      return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
  }
  return undefined;
}

/** Documents as JSON, which is YAML, or in block style. */
function textOf(documents: unknown, asJson: boolean): string {
  const list: readonly unknown[] = Array.isArray(documents) ? documents : [documents];
  return asJson ? list.map((each) => `---\n${JSON.stringify(each)}\n`).join("") : stringifyManifest(list);
}

test(
  `${inputs} mutated documents of the seed ${seed}: never an exception, never long, always an answer`,
  { timeout: 300_000 },
  () => {
    const numbers = random(seed);
    const texts = seedTexts();
    const values = texts.flatMap((text) => {
      const parsed = parseManifest(sourceFile("seed.yaml", text));
      return parsed.ok ? [parsed.value.map(({ value }) => JSON.parse(JSON.stringify(value)) as unknown)] : [];
    });
    const faults: string[] = [];
    let said = 0;
    for (let input = 0; input < inputs && faults.length < 5; input++) {
      const text =
        input % 3 === 0
          ? mutatedText(numbers.pick(texts), numbers)
          : textOf(mutated(numbers.pick(values), numbers), input % 3 === 1);
      const found = fault(text);
      if (found !== undefined) faults.push(`input ${input}: ${found}\n${text.slice(0, 2000)}`);
      else said++;
    }
    expect(faults).toEqual([]);
    expect(said).toBe(inputs);
  },
);

test.for(hostile)("%s", { timeout: 30_000 }, ([, make]) => {
  const text = make();
  expect(fault(text)).toBeUndefined();
});

test.for([
  ["bytes that are no UTF-8", [0x61, 0xff, 0xfe, 0x0a]],
  ["UTF-16", [0xff, 0xfe, 0x61, 0x00]],
  ["a sequence that is cut off", [0x61, 0x3a, 0xe2, 0x82]],
  ["an overlong sequence", [0xc0, 0xaf]],
] as const)("%s are told", async ([, bytes]) => {
  async function* stdin(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Uint8Array.from(bytes));
  }
  const loaded = await loadSources({ files: ["-"], recursive: false, stdin: stdin(), fetch: globalThis.fetch });
  expect(loaded.diagnostics.map(({ code }) => code)).toEqual(["file.encoding"]);
});
