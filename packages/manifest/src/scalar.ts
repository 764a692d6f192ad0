/** What a plain scalar is to upstream: integers stay exact until they become JSON. */
export type ScalarValue = null | boolean | number | bigint | string;

const words: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((word) => [word, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map((word) => [word, false] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
]);

const integer =
  /^(?<sign>[-+]?)(?:0[xX](?<hex>[0-9a-fA-F]+)|0[bB](?<bin>[01]+)|0[oO]?(?<oct>[0-7]+)|(?<dec>0|[1-9][0-9]*))$/u;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/u;
const largest = 2n ** 64n - 1n;
const smallest = -(2n ** 63n);

/**
 * A plain scalar by the rules of go-yaml v2, which sigs.k8s.io/yaml, and so kubectl and Tekton, use: YAML 1.1 booleans
 * (`y` and `n` among them), octal `0644` and `0o644`, `0x`, `0b`, underscores in numbers. Base 60 and timestamps are text.
 */
export function resolvePlain(text: string): ScalarValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text.charCodeAt(0);
  const mayBeNumber = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e;
  // 400 digits are beyond every float and would only cost time.
  if (!mayBeNumber || text.length > 400) return text;
  const digits = first === 0x2e ? text : text.replaceAll("_", "");
  return integerOf(digits) ?? (float.test(digits) ? finiteOr(Number(digits), text) : text);
}

function integerOf(digits: string): bigint | undefined {
  const groups = integer.exec(digits)?.groups;
  if (groups === undefined) return undefined;
  const { sign, hex, bin, oct, dec } = groups;
  let magnitude: bigint;
  if (hex !== undefined) magnitude = BigInt(`0x${hex}`);
  else if (bin !== undefined) magnitude = BigInt(`0b${bin}`);
  else if (oct !== undefined) magnitude = BigInt(`0o${oct}`);
  else magnitude = BigInt(dec ?? 0);
  const value = sign === "-" ? -magnitude : magnitude;
  return value > largest || value < smallest ? undefined : value;
}

function finiteOr(value: number, text: string): number | string {
  return Number.isFinite(value) ? value : text;
}
