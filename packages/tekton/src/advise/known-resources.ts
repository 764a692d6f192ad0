import { type Pipeline } from "../pipeline.ts";
import { type Located, type TektonResource } from "../resource.ts";
import { type StepAction, type Task } from "../task.ts";

/** Whether something that is not among the documents is at hand all the same, in a catalog for instance. */
export type Elsewhere = (kind: "Task" | "Pipeline" | "StepAction", name: string) => boolean;

/** The documents by the names they are referred to with. A catalog has several of a name: whichever of them fits is meant. */
export interface KnownResources {
  readonly tasks: ReadonlyMap<string, readonly Task[]>;
  readonly pipelines: ReadonlyMap<string, readonly Pipeline[]>;
  readonly stepActions: ReadonlyMap<string, readonly StepAction[]>;
  readonly serviceAccounts: ReadonlySet<string>;
  readonly elsewhere: Elsewhere;
}

export function knownResources(resources: readonly Located[], elsewhere: Elsewhere): KnownResources {
  const named = <K extends TektonResource["kind"]>(
    kind: K,
  ): ReadonlyMap<string, readonly Extract<TektonResource, { readonly kind: K }>[]> => {
    const found = new Map<string, Extract<TektonResource, { readonly kind: K }>[]>();
    for (const { resource } of resources) {
      const { name } = resource.metadata;
      if (resource.kind !== kind || name === undefined) continue;
      const same = found.get(name);
      const each = resource as Extract<TektonResource, { readonly kind: K }>;
      if (same === undefined) found.set(name, [each]);
      else same.push(each);
    }
    return found;
  };
  return {
    tasks: named("Task"),
    pipelines: named("Pipeline"),
    stepActions: named("StepAction"),
    serviceAccounts: new Set(named("ServiceAccount").keys()),
    elsewhere,
  };
}
