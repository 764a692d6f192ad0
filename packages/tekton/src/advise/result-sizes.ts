import { type TaskSpec } from "../task.ts";
import { type Advice, at, type Place } from "./advice.ts";
import { settingIn } from "./setting.ts";
import { tasksIn } from "./specs.ts";

/** A step's termination message, which carries all results of the Task as JSON (pkg/termination). */
const limit = 4096;
/** `{"key":"","value":"","type":1},` */
const overhead = 31;

/** Results that cannot fit, whatever the steps do: by their number, or by a text that a script writes as it is. */
export function adviseOnResultSizes(advice: Advice): void {
  const { resources } = advice;
  if ((settingIn(resources, "feature-flags", "results-from") ?? "termination-message") !== "termination-message")
    return;
  if (settingIn(resources, "feature-flags", "enable-termination-message-compression") === "true") return;
  for (const { spec, place } of resources.flatMap(tasksIn)) ofTask(advice, spec, place);
}

function ofTask(advice: Advice, { results = [], steps = [] }: TaskSpec, place: Place): void {
  const written = new Map<string, number>();
  for (const { script } of steps) if (script !== undefined) collectTexts(script, written);
  let size = 0;
  for (const [index, { name }] of results.entries()) {
    size += overhead + name.length + (written.get(name) ?? 0);
    if (size <= limit) continue;
    const message = `the results up to ${name} take ${size} bytes at least, and a cluster takes ${limit} of a Task`;
    advice.say(at(place, "results", index), "result.large", message, {
      hint: "write large data to a workspace, or set results-from: sidecar-logs in the cluster's feature-flags",
    });
    return;
  }
}

/** The lengths of here-documents that go into results: `cat > $(results.x.path) <<EOF`. */
function collectTexts(script: string, written: Map<string, number>): void {
  let open: { readonly name: string; readonly end: string; size: number } | undefined;
  const close = (): void => {
    if (open !== undefined) written.set(open.name, Math.max(written.get(open.name) ?? 0, open.size));
    open = undefined;
  };
  for (const line of script.split("\n")) {
    if (open !== undefined) {
      if (line.trim() === open.end) close();
      // What a variable stands for is not known, and may be nothing.
      else if (!/[$`]/u.test(line)) open.size += line.length + 1;
      continue;
    }
    const name = />\s*"?\$\(results\.(?<name>[\w-]+)\.path\)/u.exec(line)?.groups?.["name"];
    const end = /<<-?\s*(?<quote>['"]?)(?<word>\w+)\k<quote>/u.exec(line)?.groups?.["word"];
    if (name !== undefined && end !== undefined) open = { name, end, size: 0 };
  }
  close();
}
