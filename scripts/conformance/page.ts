import { type Treatment, type Verdict } from "../../test/example-verdicts.ts";
import { type Example } from "./examples.ts";

export interface Row {
  readonly example: Example;
  readonly treatment: Treatment;
  /** Is it run on Podman too? */
  readonly onPodman: boolean;
}

/** docs/conformance.md: what becomes of every example. It holds no times, so that it changes only when a verdict does. */
export function conformancePage(rows: readonly Row[]): string {
  const count = (kind: Verdict["kind"]): number =>
    rows.filter(({ treatment }) => treatment.verdict.kind === kind).length;
  return `# Tekton's own examples

\`npm run conformance\` runs the examples of [tektoncd/pipeline](https://github.com/tektoncd/pipeline/tree/main/examples), unmodified, on a real
engine: those of \`v1\` and the last ones of \`v1beta1\`. Each stands at the feature level of its directory (\`stable\` where there is none) with the
flags of upstream's CI, those of \`no-ci\` at lapcat's default.

Of ${rows.length} examples ${count("succeeds")} end with \`Succeeded\`, ${count("fails")} fail as they do on a cluster, ${count("refused")} are refused by name, and ${count("not run")} are not run.

| example | verdict | Podman too | options |
|---|---|---|---|
${rows.map(pageLine).join("\n")}

In braces stand the local servers that are started for an example: \`{internet}\` is a Pod template whose \`hostAliases\` lead github.com,
gcr.io and others to them, \`{authority}\` vouches for them, and lapcat itself finds them by \`HTTPS_PROXY\`. \`{token}\` is a file that has one;
\`{bundles}\` leads bundles that are pinned by a digest to ones that were made of Tekton's catalog: nobody can make another's digest.

This page is written by \`npm run conformance\`; the verdicts are those of \`test/example-verdicts.ts\`, and a run that ends otherwise fails.
`;
}

export function pageLine({ example, treatment, onPodman }: Row): string {
  const options = (treatment.options ?? []).join(" ").replaceAll("|", "\\|");
  const cells = [example.path, verdictText(treatment.verdict), onPodman ? "yes" : "", code(options)];
  return `| ${cells.join(" | ")} |`;
}

function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case "succeeds":
      return "Succeeded";
    case "fails":
      return `${verdict.reason}: ${verdict.because}`;
    case "refused":
    case "not run":
      return `${verdict.kind}: ${verdict.because}`.replaceAll("|", "\\|");
  }
}

function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
