const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3,
  "\u03bcs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A Go duration (`1h30m`, `-1.5s`, `0`) in milliseconds, or `undefined` where it is none (time.ParseDuration). */
export function parseDuration(text: string): number | undefined {
  const match = /^(?<sign>[+-]?)(?<rest>.+)$/su.exec(text);
  const rest = match?.groups?.["rest"];
  if (match === null || rest === undefined) return undefined;
  const sign = match.groups?.["sign"] === "-" ? -1 : 1;
  if (rest === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/u.test(rest)) return undefined;
  let total = 0;
  for (const [, number, unit] of rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gu)) {
    total += Number(number) * (units[unit ?? ""] ?? 0);
  }
  return sign * total;
}

/** Milliseconds as Go prints a duration: `1h0m0s`, `1.5s`, `250ms`, `0s` (Duration.String). */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return "0s";
  const sign = milliseconds < 0 ? "-" : "";
  const size = Math.abs(milliseconds);
  if (size < 1e-3) return `${sign}${trim(size * 1e6)}ns`;
  if (size < 1) return `${sign}${trim(size * 1e3)}\u00b5s`;
  if (size < 1000) return `${sign}${trim(size)}ms`;
  const hours = Math.floor(size / 3_600_000);
  const minutes = Math.floor((size % 3_600_000) / 60_000);
  const seconds = `${trim((size % 60_000) / 1000)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : sign + seconds;
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)));
}
