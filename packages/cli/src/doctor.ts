import { LapcatError } from "@lapcat/diagnostic";
import { type EngineInfo } from "@lapcat/engine";
import { type DockerLogins, type EngineFinding } from "@lapcat/engine-docker";
import { paint } from "@lapcat/report";
import { exitCodes } from "./exit-code.ts";
import { printValue, type ValueFormat } from "./print-value.ts";
import { storeOf } from "./stored-run.ts";
import { openChosen } from "./sweep.ts";
import { type Command, type World } from "./world.ts";
import { version } from "./version.ts";

export interface DoctorOptions {
  readonly engine: string;
  readonly output: "text" | ValueFormat;
}

interface Report {
  readonly lapcat: string;
  readonly node: string;
  readonly engines: readonly EngineFinding[];
  /** Undefined when none can be used; `problem` says why. */
  readonly used: EngineInfo | undefined;
  readonly problem: { readonly message: string; readonly hint?: string } | undefined;
  readonly runs: string;
  readonly dockerConfig: {
    readonly path: string | undefined;
    readonly registries: readonly string[];
    readonly problems: readonly string[];
  };
}

/** Looks at everything a run needs, says what would be used, and what to do where something is missing. */
export const doctor: Command<DoctorOptions> = async (world, options) => {
  const { findEngines } = await import("@lapcat/engine-docker");
  const engines = await findEngines({ env: world.env, home: world.home, choice: options.engine });
  const engine = await examine(world, options.engine);
  const report: Report = {
    lapcat: version,
    node: process.versions.node,
    engines,
    ...engine,
    runs: storeOf(world).root,
    dockerConfig: await logins(world),
  };
  if (options.output === "text") world.out.print(...lines(world, report));
  else await printValue(world, options.output, report);
  return report.used === undefined ? exitCodes.environment : exitCodes.succeeded;
};

async function examine(world: World, choice: string): Promise<Pick<Report, "used" | "problem">> {
  try {
    const engine = await openChosen(world, choice);
    try {
      return { used: await engine.probe(AbortSignal.timeout(10_000)), problem: undefined };
    } finally {
      await engine.close();
    }
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    const { message, hint } = error.diagnostic;
    return { used: undefined, problem: { message, ...(hint === undefined ? {} : { hint }) } };
  }
}

/** Which registries Docker's configuration has logins for; what they are stays where it is. */
async function logins(world: World): Promise<Report["dockerConfig"]> {
  const { dockerLogins } = await import("@lapcat/engine-docker");
  try {
    const found: DockerLogins = await dockerLogins({ env: world.env, home: world.home });
    return {
      path: found.path,
      registries: found.credentials.map(({ registry }) => registry),
      problems: found.diagnostics.map(({ message }) => message),
    };
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    return { path: undefined, registries: [], problems: [error.diagnostic.message] };
  }
}

function lines(world: World, report: Report): readonly string[] {
  const { style } = world.out;
  const good = paint(style, "green", "✔");
  const bad = paint(style, "red", "✘");
  const none = paint(style, "grey", "·");
  const { used, problem, dockerConfig } = report;
  return [
    `lapcat ${report.lapcat}, Node ${report.node}`,
    "",
    paint(style, "bold", "Engines, in the order they are tried"),
    ...report.engines.flatMap(({ way, address, verdict }) => {
      switch (verdict.kind) {
        case "answers":
          return [`  ${good} ${way}: ${address}  ${verdict.product} ${verdict.version}, API ${verdict.apiVersion}`];
        case "startable":
          return [`  ${good} ${way}: would be started at ${address}`];
        case "absent":
          return [`  ${none} ${way}: ${address.replace(`//${world.home}/`, "//~/")}  ${verdict.reason}`];
        case "unusable":
          return [
            `  ${bad} ${way}: ${address}  ${verdict.reason}`,
            ...(verdict.hint === undefined ? [] : [`      hint: ${verdict.hint}`]),
          ];
        default:
          return verdict satisfies never;
      }
    }),
    "",
    ...(used === undefined
      ? [
          `${bad} no engine can be used: ${problem?.message ?? "none was found"}`,
          ...(problem?.hint === undefined ? [] : [`  hint: ${problem.hint}`]),
        ]
      : [
          `${good} would use ${used.kind} ${used.version} at ${used.address}${used.rootless ? ", rootless" : ""}`,
          `  ${used.platform}, ${used.cpus} CPUs, ${(used.memory / 2 ** 30).toFixed(1)} GiB of memory`,
        ]),
    "",
    `Runs are kept in ${report.runs}`,
    dockerConfig.path === undefined
      ? "Docker has no configuration here: images are pulled without a login"
      : `Logins of ${dockerConfig.path}: ${dockerConfig.registries.length === 0 ? "none" : dockerConfig.registries.join(", ")}`,
    ...dockerConfig.problems.map((each) => `${bad} ${each}`),
  ];
}
