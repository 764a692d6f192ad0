import { type BoundWorkspace, type PlannedTask, type RunPlan } from "@lapcat/plan";

/** Volumes of volumeClaimTemplates as the user's own, which no sweep removes. */
export function withKeptClaims(plan: RunPlan): RunPlan {
  return withSources(plan, (source) => (source.kind === "claim" ? { ...source, scope: "kept" } : source));
}

/** With volumes that are there already in the place of the run's own. */
export function withClaims(plan: RunPlan, claims: Readonly<Record<string, string>>): RunPlan {
  if (Object.keys(claims).length === 0) return plan;
  return withSources(plan, (source) => {
    const claimName = source.kind === "claim" && source.scope === "run" ? claims[source.claimName] : undefined;
    return source.kind !== "claim" || claimName === undefined ? source : { ...source, claimName, scope: "kept" };
  });
}

export function claimsOf(plan: RunPlan, scope?: "kept"): ReadonlySet<string> {
  const sources = [...plan.tasks, ...plan.finally].flatMap(({ workspaces }) => workspaces.map(({ source }) => source));
  return new Set(
    sources.flatMap((source) =>
      source.kind === "claim" && (scope ?? source.scope) === source.scope ? [source.claimName] : [],
    ),
  );
}

function withSources(plan: RunPlan, changed: (source: BoundWorkspace["source"]) => BoundWorkspace["source"]): RunPlan {
  const inTask = (task: PlannedTask): PlannedTask => ({
    ...task,
    workspaces: task.workspaces.map((each) => ({ ...each, source: changed(each.source) })),
  });
  return { ...plan, tasks: plan.tasks.map(inTask), finally: plan.finally.map(inTask) };
}
