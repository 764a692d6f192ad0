import { type Path } from "@lapcat/manifest";
import { type PipelineTask } from "../pipeline.ts";
import { awaitedResults } from "../pipeline-task-texts.ts";
import { spanIn } from "./references.ts";
import { inside, meantHint, report, within, type Scope } from "./scope.ts";

/** validateGraph: each task waits for tasks that are there, and none for itself in the end. */
export function checkGraph(scope: Scope, tasks: readonly PipelineTask[]): void {
  const list = within(scope, "tasks");
  const names = new Set(tasks.map(({ name }) => name));
  const edges = new Map<string, Set<string>>();
  tasks.forEach((task, index) => {
    const place = inside(list, index);
    const others = [...names].filter((name) => name !== task.name);
    const waitsFor = new Set<string>();
    task.runAfter?.forEach((name, at) => {
      waitsFor.add(name);
      if (names.has(name)) return;
      const hint = meantHint(name, others);
      report(
        inside(place, "runAfter", at),
        "pipeline.task-unknown",
        `there is no task ${JSON.stringify(name)} to run after`,
        { hint },
      );
    });
    for (const { path, text, reference } of awaitedResults(task)) {
      const isOverlooked = isOverlookedIn(scope, path);
      if (!isOverlooked) waitsFor.add(reference.task);
      if (names.has(reference.task)) continue;
      const at = inside(place, ...path);
      const raw = text.slice(reference.start, reference.end);
      report(at, "pipeline.task-unknown", `there is no task ${JSON.stringify(reference.task)} among tasks`, {
        span: spanIn(at, text, { raw, start: reference.start }),
        hint: meantHint(reference.task, others),
        ...(isOverlooked && { severity: "warning" }),
      });
    }
    edges.set(task.name, new Set([...waitsFor].filter((name) => names.has(name))));
  });
  const circle = findCircle(edges);
  if (circle === undefined) return;
  const [first = "", second = first] = circle;
  const index = tasks.findIndex(({ name }) => name === first);
  const after = tasks[index]?.runAfter?.indexOf(second) ?? -1;
  const place = inside(list, index, ...(after === -1 ? ["name"] : ["runAfter", after]));
  report(place, "pipeline.cycle", `these tasks wait for one another: ${[...circle, first].join(" → ")}`, {
    hint: "a runAfter or a result of another task is one too many",
  });
}

/** v1beta1 looks at params and `when` only (PipelineTaskResultRefs); the run, which is v1, looks at an embedded Task's containers too. */
export function isOverlookedIn({ version }: Scope, path: Path): boolean {
  return version === "v1beta1" && path[0] === "taskSpec";
}

/** A circle in the order of waiting, beginning with the task that is written first; `undefined` where there is none. */
export function findCircle(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const trail: string[] = [];
    const stack: { readonly name: string; readonly next: Iterator<string> }[] = [];
    const enter = (name: string): void => {
      trail.push(name);
      stack.push({ name, next: (edges.get(name) ?? new Set<string>()).values() });
    };
    if (done.has(start)) continue;
    enter(start);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { value, done: over } = top.next.next();
      if (over === true) {
        done.add(top.name);
        stack.pop();
        trail.pop();
      } else if (trail.includes(value)) {
        return trail.slice(trail.indexOf(value));
      } else if (!done.has(value)) {
        enter(value);
      }
    }
  }
  return undefined;
}
