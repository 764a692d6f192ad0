/** Names and, for each, what it waits for. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/** `cycle`: a circle, each waiting for the next and the last for the first. */
export type Order =
  | { readonly kind: "ordered"; readonly names: readonly string[] }
  | { readonly kind: "cycle"; readonly names: readonly string[] };

/** Predecessors before successors, otherwise as given. Predecessors that are no names of the graph are passed over. */
export function orderOf(edges: Edges): Order {
  const done = new Set<string>();
  for (const root of edges.keys()) {
    const path: Visit[] = done.has(root) ? [] : [visit(edges, root)];
    const onPath = new Set<string>([root]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.ahead.shift();
      if (next === undefined) {
        path.pop();
        onPath.delete(top.name);
        done.add(top.name);
      } else if (onPath.has(next)) {
        return {
          kind: "cycle",
          names: path.slice(path.findIndex(({ name }) => name === next)).map(({ name }) => name),
        };
      } else if (!done.has(next)) {
        path.push(visit(edges, next));
        onPath.add(next);
      }
    }
  }
  return { kind: "ordered", names: [...done] };
}

interface Visit {
  readonly name: string;
  readonly ahead: string[];
}

function visit(edges: Edges, name: string): Visit {
  return { name, ahead: (edges.get(name) ?? []).filter((each) => edges.has(each)) };
}
