/** What a step gave, as a step after it names it: `$(steps.s.results.r)`, `r[0]`, `r[*]`, `r.key`. */
export interface StepResultReference {
  readonly raw: string;
  readonly step: string;
  readonly result: string;
  readonly access:
    | { readonly kind: "whole" }
    | { readonly kind: "elements" }
    | { readonly kind: "element"; readonly index: number }
    | { readonly kind: "key"; readonly key: string };
}

/** `$(steps.s.outputs.n)` and `$(steps.s.inputs.n)`. */
export interface StepArtifactReference {
  readonly raw: string;
  readonly step: string;
  readonly direction: "inputs" | "outputs";
  readonly name: string;
}

const result = /\$\(steps\..*?\.results\..*?\)/gu;
const artifact = /\$\(steps\.(?<step>[^.]+)\.(?<direction>inputs|outputs)\.(?<name>[^.)]+)\)/gu;

/** As upstream's StepResultRegex finds them: what it cannot understand then has no reference. */
export function findStepResults(
  text: string,
): readonly { readonly raw: string; readonly reference: StepResultReference | undefined }[] {
  return Array.from(text.matchAll(result), ([raw]) => ({ raw, reference: parsed(raw) }));
}

export function findStepArtifacts(text: string): readonly StepArtifactReference[] {
  return Array.from(text.matchAll(artifact), ({ 0: raw, groups }) => ({
    raw,
    step: groups?.["step"] ?? "",
    direction: groups?.["direction"] === "inputs" ? "inputs" : "outputs",
    name: groups?.["name"] ?? "",
  }));
}

function parsed(raw: string): StepResultReference | undefined {
  const [first, step = "", field, last = "", key, ...more] = raw.slice(2, -1).split(".");
  if (first !== "steps" || field !== "results" || more.length > 0) return undefined;
  if (key !== undefined) return { raw, step, result: last, access: { kind: "key", key } };
  const index = /\[[0-9]*\*?\]/u.exec(last)?.[0].slice(1, -1) ?? "";
  const name = last.replaceAll(/\[[0-9]*\*?\]/gu, "");
  if (index === "") return { raw, step, result: name, access: { kind: "whole" } };
  if (index === "*") return { raw, step, result: name, access: { kind: "elements" } };
  return { raw, step, result: name, access: { kind: "element", index: Number.parseInt(index, 10) } };
}
