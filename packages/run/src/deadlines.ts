import { type TaskRunName } from "@lapcat/plan";

/** Instants by name, of which the earliest is known at once. */
export interface Deadlines {
  set(name: TaskRunName, at: number): void;
  delete(name: TaskRunName): void;
  earliest(): number | undefined;
  /** Names whose instant has come. */
  due(now: number): readonly TaskRunName[];
}

/** A binary heap; what was replaced or taken out is thrown away when it comes to the top. */
export function deadlines(): Deadlines {
  const current = new Map<TaskRunName, number>();
  const heap: { readonly name: TaskRunName; readonly at: number }[] = [];
  const at = (index: number): number => heap[index]?.at ?? Number.POSITIVE_INFINITY;
  const swap = (a: number, b: number): void => {
    const [one, other] = [heap[a], heap[b]];
    if (one === undefined || other === undefined) return;
    [heap[a], heap[b]] = [other, one];
  };
  const pop = (): void => {
    swap(0, heap.length - 1);
    heap.pop();
    for (let index = 0; ;) {
      const smaller = at(2 * index + 1) <= at(2 * index + 2) ? 2 * index + 1 : 2 * index + 2;
      if (at(smaller) >= at(index)) return;
      swap(index, smaller);
      index = smaller;
    }
  };
  const earliest = (): number | undefined => {
    while (heap[0] !== undefined && current.get(heap[0].name) !== heap[0].at) pop();
    return heap[0]?.at;
  };
  return {
    set(name, instant) {
      if (current.get(name) === instant) return;
      current.set(name, instant);
      heap.push({ name, at: instant });
      for (let index = heap.length - 1; index > 0;) {
        const parent = (index - 1) >> 1;
        if (at(parent) <= at(index)) break;
        swap(index, parent);
        index = parent;
      }
    },
    delete: (name) => void current.delete(name),
    earliest,
    due(now) {
      // No child in the heap is earlier than its parent, so only what is due is looked at, and its children.
      const found = new Set<TaskRunName>();
      const ahead = [0];
      for (let index = ahead.pop(); index !== undefined; index = ahead.pop()) {
        const entry = heap[index];
        if (entry === undefined || entry.at > now) continue;
        if (current.get(entry.name) === entry.at) found.add(entry.name);
        ahead.push(2 * index + 1, 2 * index + 2);
      }
      return [...found];
    },
  };
}
