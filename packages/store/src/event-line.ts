import { LapcatError } from "@lapcat/diagnostic";
import { type Recorded, type RunEvent } from "@lapcat/run";

/** One line of `events.ndjson`, line break included. Times are RFC 3339 text in the file, milliseconds in memory. */
export function encodeEvent(recorded: Recorded): string {
  const { v, seq, at, event } = recorded;
  return `${JSON.stringify({ v, seq, at: new Date(at).toISOString(), event })}\n`;
}

/** Where the last whole line ends: what follows is torn. In bytes. */
export function wholeLength(bytes: Uint8Array): number {
  return bytes.lastIndexOf(10) + 1;
}

/** Every whole line. A torn last one (no line break: the writer died, or is writing) is dropped. Throws `store.damaged` on anything else. */
export function decodeEvents(text: string, firstSeq: number, file: string): readonly Recorded[] {
  const recorded: Recorded[] = [];
  let start = 0;
  for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
    recorded.push(decodeEvent(text.slice(start, end), firstSeq + recorded.length, file));
    start = end + 1;
  }
  return recorded;
}

function decodeEvent(line: string, seq: number, file: string): Recorded {
  const damaged = (what: string, cause?: unknown): LapcatError =>
    new LapcatError(
      {
        code: "store.damaged",
        message: `${file}, line ${seq + 1}: ${what}`,
        hint: "The run's log cannot be read; `lapcat rm` removes the run",
      },
      cause,
    );
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw damaged("this is not an event", cause);
  }
  if (!isRecord(value)) throw damaged("this is not an event");
  const v = value["v"];
  if (v !== 1 && v !== 2) {
    throw new LapcatError({
      code: "store.damaged",
      message: `${file}, line ${seq + 1}: events of version ${JSON.stringify(v)} are not known to this lapcat (it reads versions 1 and 2)`,
      hint: "The run was written by another version of lapcat: read it with that one",
    });
  }
  if (value["seq"] !== seq)
    throw damaged(`event ${seq} was expected, and ${JSON.stringify(value["seq"])} stands there`);
  const at = typeof value["at"] === "string" ? Date.parse(value["at"]) : Number.NaN;
  if (Number.isNaN(at)) throw damaged("the event has no time");
  const event = value["event"];
  if (!isEvent(event)) throw damaged("the event has no type");
  return { v, seq, at, event };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The version stands for the shape of the rest: only lapcat writes this file. */
function isEvent(value: unknown): value is RunEvent {
  return isRecord(value) && typeof value["type"] === "string";
}
