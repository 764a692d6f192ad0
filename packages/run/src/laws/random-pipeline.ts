import {
  type Param,
  type ParamSpec,
  type PipelineResult,
  type PipelineRunSpec,
  type PipelineSpec,
  type PipelineTask,
  type TaskResult,
  type WhenExpression,
} from "@lapcat/tekton";
import { type Random } from "./random.ts";

export interface RandomPipeline {
  readonly spec: PipelineSpec;
  readonly run: PipelineRunSpec;
}

type Kind = "plain" | "matrix" | "list-matrix" | "custom" | "nested";

/** A Pipeline of everything that deciding knows: results of all types and where they are taken, `when`, CEL, matrices, retries, timeouts, `finally`. */
export function randomPipeline(random: Random, size: number): RandomPipeline {
  const kinds = Array.from({ length: size }, (_, index): Kind =>
    index === 0
      ? "plain"
      : random.oneOf(["plain", "plain", "plain", "plain", "matrix", "list-matrix", "custom", "nested"]),
  );
  const tasks = kinds.map((kind, index) => taskOf(random, kinds, kind, index));
  const ending = Array.from({ length: random.oneOf([0, 0, 1, 2]) }, (_, index) => finalOf(random, kinds, index));
  const results = random.chance(40) ? [resultOf(random, kinds)] : [];
  return { spec: { tasks, finally: ending, results }, run: { timeouts: timeoutsOf(random) } };
}

const declared: readonly TaskResult[] = [
  { name: "r" },
  { name: "l", type: "array" },
  { name: "o", type: "object", properties: { k: { type: "string" } } },
];

const steps = [{ name: "s", image: "i" }];

function taskOf(random: Random, kinds: readonly Kind[], kind: Kind, index: number): PipelineTask {
  const before = index === 0 ? [] : [random.below(index), random.below(index)].slice(random.below(3));
  const common: PipelineTask = { name: `t${index}`, runAfter: [...new Set(before.map((each) => `t${each}`))] };
  if (kind === "nested") return { ...common, ...whenOf(random, kinds, index), pipelineSpec: nested };
  const taken = index > 0 && random.chance(45) ? takenOf(random, kinds, random.below(index)) : undefined;
  const params: readonly Param[] = taken === undefined ? [] : [taken.param];
  if (kind === "custom")
    return {
      ...common,
      params,
      ...whenOf(random, kinds, index),
      taskRef: { apiVersion: "x/v1", kind: "X", name: "x" },
    };
  const isMatrix = kind === "matrix" || kind === "list-matrix";
  const plain = kinds.slice(0, index).flatMap((each, at) => (each === "plain" ? [at] : []));
  const values =
    kind === "list-matrix"
      ? `$(tasks.t${plain[random.below(plain.length)] ?? 0}.results.l[*])`
      : ["a", "b", "c"].slice(0, 1 + random.below(3));
  const specs: readonly ParamSpec[] = [
    ...(taken === undefined ? [] : [taken.spec]),
    ...(isMatrix ? [{ name: "m" }] : []),
  ];
  return {
    ...common,
    params,
    ...whenOf(random, kinds, index),
    ...(isMatrix && { matrix: { params: [{ name: "m", value: values }] } }),
    ...(random.chance(20) ? { onError: "continue" as const } : { retries: random.oneOf([0, 0, 0, 1, 2]) }),
    ...(random.chance(30) && { timeout: random.oneOf(["2s", "5s", "9s"]) }),
    taskSpec: { params: specs, results: declared, steps },
  };
}

/** A Pipeline that takes nothing and gives nothing. */
const nested: PipelineSpec = {
  tasks: [
    { name: "x", taskSpec: { steps } },
    { name: "y", runAfter: ["x"], taskSpec: { steps } },
  ],
  finally: [{ name: "z", taskSpec: { steps } }],
};

function takenOf(
  random: Random,
  kinds: readonly Kind[],
  from: number,
): { readonly param: Param; readonly spec: ParamSpec } | undefined {
  const kind = kinds[from];
  if (kind === "nested") return undefined;
  const of = `tasks.t${from}.results`;
  const given = (
    value: string,
    spec: Omit<ParamSpec, "name"> = {},
  ): { readonly param: Param; readonly spec: ParamSpec } => ({
    param: { name: "p", value },
    spec: { name: "p", ...spec },
  });
  if (kind !== "plain" && kind !== "custom") return given(`$(${of}.r[*])`, { type: "array" });
  if (kind === "custom") return given(`$(${of}.r)`);
  switch (random.below(5)) {
    case 0:
      return given(`$(${of}.l[*])`, { type: "array" });
    case 1:
      return given(`$(${of}.l[${random.below(3)}])`);
    case 2:
      return given(`$(${of}.o.k)`);
    default:
      return given(`<$(${of}.r)>`);
  }
}

function whenOf(random: Random, kinds: readonly Kind[], index: number): { readonly when?: readonly WhenExpression[] } {
  const plain = kinds.slice(0, index).flatMap((kind, at) => (kind === "plain" ? [at] : []));
  const source = plain[random.below(Math.max(1, plain.length))];
  switch (random.below(9)) {
    case 0:
      return { when: [{ input: "a", operator: "in", values: ["b"] }] };
    case 1:
      return { when: [{ input: "a", operator: random.oneOf(["in", "notin"]), values: ["a"] }] };
    case 2:
      return source === undefined
        ? {}
        : {
            when: [{ input: `$(tasks.t${source}.results.r)`, operator: random.oneOf(["in", "notin"]), values: ["a"] }],
          };
    case 3:
      return { when: [{ cel: source === undefined || random.chance(50) ? "a" : `$(tasks.t${source}.results.r)` }] };
    default:
      return {};
  }
}

function finalOf(random: Random, kinds: readonly Kind[], index: number): PipelineTask {
  const taken = random.chance(50) ? takenOf(random, kinds, random.below(kinds.length)) : undefined;
  const status = random.chance(50) ? [{ name: "s", value: "$(tasks.status) $(tasks.t0.status)" }] : [];
  return {
    name: `f${index}`,
    params: [...status, ...(taken === undefined ? [] : [taken.param])],
    ...(random.chance(25) && { when: [{ input: "$(tasks.status)", operator: "in", values: ["Succeeded", "Failed"] }] }),
    ...(random.chance(20) && { timeout: "4s" }),
    retries: random.oneOf([0, 0, 1]),
    taskSpec: {
      params: [...status.map(({ name }) => ({ name })), ...(taken === undefined ? [] : [taken.spec])],
      steps,
    },
  };
}

function resultOf(random: Random, kinds: readonly Kind[]): PipelineResult {
  const from = kinds.findLastIndex((kind) => kind === "plain");
  return { name: "all", value: random.oneOf([`$(tasks.t${from}.results.r)`, `$(tasks.t${from}.results.l[0])`]) };
}

function timeoutsOf(random: Random): NonNullable<PipelineRunSpec["timeouts"]> {
  switch (random.below(8)) {
    case 0:
      return { pipeline: "12s" };
    case 1:
      return { pipeline: "20s", tasks: "9s" };
    case 2:
      return { pipeline: "20s", finally: "3s" };
    default:
      return { pipeline: "1h" };
  }
}
