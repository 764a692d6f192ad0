/** A line of what the engine says while it pulls or imports. */
export interface ProgressLine {
  readonly status?: string;
  readonly id?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
}

/** Reads the engine's progress to its end; rejects with the error it carries. A stream cut short is an error too. */
export async function finished(
  stream: AsyncIterable<unknown>,
  onLine: (line: ProgressLine) => void = () => undefined,
): Promise<void> {
  let rest = "";
  for await (const chunk of stream) {
    rest += String(chunk);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line, onLine);
  }
  take(rest, onLine);
}

function take(line: string, onLine: (line: ProgressLine) => void): void {
  if (line.trim() === "") return;
  const said = JSON.parse(line) as ProgressLine;
  const error = said.errorDetail?.message ?? said.error;
  if (error !== undefined) throw new Error(error);
  onLine(said);
}
