import { type ASTNode, type Environment } from "@marcbachmann/cel-js";
import { type Gates } from "./gates.ts";

/** Why an expression cannot be compiled, and the part of it that is to blame. */
export interface CelFault {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

/** What an expression without variables comes to, or why it comes to nothing. */
export type CelOutcome = { readonly value: unknown } | { readonly fault: string };

export type EvaluateCel = (expression: string) => CelOutcome;

export type CompileCel = (expression: string) => CelFault | undefined;

/** Gates as they are, with a compiler for CEL where they allow it. Nobody else waits until one is loaded. */
export async function withCel(gates: Gates): Promise<Gates> {
  return gates.celInWhen ? { ...gates, ...(await loadCel()) } : gates;
}

/** `cel.NewEnv()` without anything declared, and its `Compile`. */
async function loadCel(): Promise<Pick<Gates, "compileCel" | "evaluateCel"> & object> {
  const { Environment: Made } = await import("@marcbachmann/cel-js");
  const environment = new Made({ homogeneousAggregateLiterals: false });
  return {
    compileCel: (expression) => compile(environment, expression),
    evaluateCel: (expression) => evaluate(environment, expression),
  };
}

function compile(environment: Environment, expression: string): CelFault | undefined {
  const checked = environment.check(expression);
  if (!checked.valid) {
    const fault = checked.error;
    const message = fault?.message.split("\n", 1)[0] ?? "it cannot be understood";
    return { message, ...(fault?.range ?? { start: 0, end: expression.length }) };
  }
  return foreignCall(environment.parse(expression).ast);
}

function evaluate(environment: Environment, expression: string): CelOutcome {
  const fault = compile(environment, expression);
  if (fault !== undefined) return { fault: fault.message };
  try {
    return { value: environment.evaluate(expression) };
  } catch (cause) {
    return { fault: cause instanceof Error ? (cause.message.split("\n", 1)[0] ?? "") : String(cause) };
  }
}

/** The functions and macros of cel-go's standard library (common/stdlib); the JavaScript one has more. */
const standard: ReadonlySet<string> = new Set(
  (
    "all bool bytes contains double duration dyn endsWith exists exists_one filter getDate getDayOfMonth getDayOfWeek " +
    "getDayOfYear getFullYear getHours getMilliseconds getMinutes getMonth getSeconds has int map matches size " +
    "startsWith string timestamp type uint"
  ).split(" "),
);

function foreignCall(node: ASTNode): CelFault | undefined {
  const { op, args } = node;
  if ((op === "call" || op === "rcall") && Array.isArray(args) && !standard.has(String(args[0]))) {
    return { message: `there is no function ${String(args[0])}`, start: node.start, end: node.end };
  }
  return parts(args)
    .map(foreignCall)
    .find((each) => each !== undefined);
}

function parts(args: unknown): readonly ASTNode[] {
  if (!Array.isArray(args)) return isNode(args) ? [args] : [];
  return args.flatMap(parts);
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
