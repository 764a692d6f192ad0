const head = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\n";

function deep(open: string, close: string, depth: number): string {
  return `${head}spec: ${open.repeat(depth)}${close.repeat(depth)}\n`;
}

function nestedPipelines(depth: number): string {
  const open = "{tasks: [{name: a, pipelineSpec: ";
  return `apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: a}\nspec: ${open.repeat(depth)}{}${"}]}".repeat(depth)}\n`;
}

const bomb = (levels: number): string =>
  `${head}x0: &x0 [a, a, a, a, a, a, a, a, a]\n${Array.from(
    { length: levels },
    (_, level) => `x${level + 1}: &x${level + 1} [${Array.from({ length: 9 }, () => `*x${level}`).join(", ")}]\n`,
  ).join("")}`;

const script = (text: string): string =>
  JSON.stringify({
    apiVersion: "tekton.dev/v1",
    kind: "Task",
    metadata: { name: "a" },
    spec: { params: [{ name: "a" }], steps: [{ image: "x:1", script: text, args: [text] }] },
  });

const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join("");

/** Documents made to hurt, by what they are. */
export const hostile: readonly (readonly [string, () => string])[] = [
  ["lists ten thousand deep", () => deep("[", "]", 10_000)],
  ["maps ten thousand deep", () => deep("{a: ", "}", 10_000)],
  ["maps of a hundred and ninety levels", () => deep("{a: ", "}", 190)],
  ["blocks ten thousand deep", () => `${head}spec:\n${many(10_000, (level) => `${" ".repeat(level + 1)}a:\n`)}`],
  ["Pipelines in Pipelines, ten thousand deep", () => nestedPipelines(10_000)],
  ["Pipelines in Pipelines, as deep as may be", () => nestedPipelines(65)],
  ["an alias bomb", () => bomb(9)],
  ["an alias that contains itself", () => `${head}spec: &a {steps: *a}\n`],
  ["a text of ten megabytes", () => `${head}spec: {description: "${"x".repeat(10_000_000)}"}\n`],
  ["a text of five megabytes", () => script("x".repeat(5_000_000))],
  ["references without an end", () => script("$(params.".repeat(200_000))],
  ["a hundred thousand references", () => script("$(params.a) $(parms.b)\n".repeat(50_000))],
  ["dollars", () => script("$".repeat(1_000_000))],
  ["parentheses", () => script("$((((((((((".repeat(100_000))],
  ["here-documents", () => script(`cat > $(results.a.path) <<EOF\n`.repeat(20_000))],
  ["NUL characters", () => `${head}spec: {description: "a\0b"}\n`],
  ["half a surrogate pair", () => `${head}spec: {description: "a\ud800b"}\n`],
  [
    "keys of a prototype",
    () => `${head}spec: {__proto__: {steps: []}, constructor: {}, toString: 1, steps: [{__proto__: 1, image: a}]}\n`,
  ],
  [
    "ten thousand steps",
    () =>
      `${head}spec:\n  steps:\n${many(10_000, (index) => `  - {name: s${index}, image: "a:1", script: "$(steps.s${index}.results.r)"}\n`)}`,
  ],
  [
    "a thousand tasks that wait for all before them",
    () =>
      JSON.stringify({
        apiVersion: "tekton.dev/v1",
        kind: "Pipeline",
        metadata: { name: "a" },
        spec: {
          tasks: Array.from({ length: 1000 }, (_, index) => ({
            name: `t${index}`,
            taskRef: { name: "a" },
            runAfter: Array.from({ length: Math.min(index, 100) }, (__, before) => `t${index - before - 1}`),
          })),
        },
      }),
  ],
  ["five thousand documents of one name", () => many(5000, () => `---\n${head}spec: {steps: [{image: a}]}\n`)],
  ["a thousand keys that are nearly fields", () => `${head}spec: {${many(1000, (index) => `stesp${index}: 1, `)}}\n`],
  ["tags without an end", () => "!!str ".repeat(350_000)],
  ["tags of one value", () => `${head}spec: {description: ${"!!str ".repeat(300_000)}a}\n`],
  ["anchors without an end", () => "&a ".repeat(600_000)],
  ["tags and line breaks", () => "!!str\n".repeat(300_000)],
  ["colons", () => `${head}spec: ${":".repeat(1_000_000)}\n`],
  ["keys without values", () => `${head}spec:\n${"  ? \n".repeat(200_000)}`],
  ["dashes", () => "- ".repeat(500_000)],
  ["quotes that are never closed", () => `${head}spec: {${'"a\n'.repeat(300_000)}`],
  ["comments", () => `${head}${"# a\n".repeat(300_000)}spec: {}\n`],
  ["commas", () => `${head}spec: [${",".repeat(500_000)}]\n`],
  ["spaces", () => `${head}spec: {a: ${" ".repeat(3_000_000)}1}\n`],
  ["line breaks", () => `${head}${"\n".repeat(3_000_000)}spec: {}\n`],
  ["aliases of nothing", () => `${head}spec: [${"*a, ".repeat(200_000)}]\n`],
  ["directives", () => "%YAML 1.2\n".repeat(200_000)],
  ["document ends", () => "...\n".repeat(300_000)],
  ["folded lines", () => `${head}spec: {description: >\n${" a\n\n".repeat(300_000)}}\n`],
  ["a folded text", () => `${head}spec:\n  description: >\n${"   a\n\n".repeat(300_000)}`],
  ["an unquoted text of many lines", () => `${head}spec:\n  description: a\n${"   a\n".repeat(300_000)}`],
  ["escapes", () => `${head}spec: {description: "${"\\x41".repeat(500_000)}"}\n`],
  ["only a mark", () => "---\n...\n---\n"],
  ["no map", () => "- a\n- b\n"],
  ["a number", () => "12\n"],
  ["tabs", () => "a:\n\t\t- b\n"],
  ["a file of another kind", () => "\u007fELF\u0002\u0001\u0001"],
];
