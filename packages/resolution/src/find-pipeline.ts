import { didYouMean, fail, type Result, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import { pipelineRefVariables, type ReferringRun, replaceInRef } from "@lapcat/plan";
import {
  type Located,
  type Pipeline,
  type PipelineSpec,
  type Provenance,
  type Ref,
  type ResolvedPipeline,
} from "@lapcat/tekton";
import { provenanceOf } from "./find-in-catalogs.ts";
import { isKind } from "./kind.ts";
import { type Place } from "./needed-objects.ts";
import { refusedRef } from "./refused-refs.ts";
import { isRemote } from "./remote/is-remote.ts";
import { type RemoteFinder } from "./remote/remote-finder.ts";

export function embeddedPipeline(name: string, spec: PipelineSpec, { origin, path }: Place): ResolvedPipeline {
  const provenance = provenanceOf(origin.document.source);
  return { name, spec, embedded: true, labels: {}, annotations: {}, origin, path, provenance };
}

/**
 * A Pipeline by its reference. A run that a PipelineTask makes follows the reference itself, once more, with what it was given, after the run
 * around it did: the last of `referring` is who runs it.
 */
export async function findPipeline(
  ref: Ref | undefined,
  { origin, path }: Place,
  referring: readonly ReferringRun[],
  near: readonly Located[],
  remote: RemoteFinder,
): Promise<Result<ResolvedPipeline>> {
  if (isRemote(ref)) {
    let found: Result<ResolvedPipeline> = fail([]);
    for (const run of referring) {
      const asked = replaceInRef(ref, pipelineRefVariables(run));
      const answer = await remote.find("Pipeline", asked, { origin, path });
      if (!answer.ok) return answer;
      const { located, provenance } = answer.value;
      const diagnostics = [...found.diagnostics, ...answer.diagnostics];
      found = succeed({ ...resolvedPipeline(located, provenance), remote: true }, diagnostics);
    }
    return found;
  }
  const refused = ref === undefined ? undefined : refusedRef(ref, "Pipeline", origin, path);
  if (refused !== undefined) return fail([refused]);
  const name = ref?.name;
  const place = { span: origin.spanOf([...path, "name"]), path: formatPath([...path, "name"]) };
  if (name === undefined)
    return fail([
      {
        code: "field.missing",
        severity: "error",
        message: `no Pipeline is named: ${formatPath(path)} or ${formatPath([...path.slice(0, -1), "pipelineSpec"])} is needed`,
        ...place,
      },
    ]);
  const pipelines = near.filter(isKind("Pipeline"));
  const found = pipelines.find((each) => each.resource.metadata.name === name);
  if (found === undefined) {
    const meant = didYouMean(
      name,
      pipelines.flatMap((each) => each.resource.metadata.name ?? []),
    );
    const hint = meant === undefined ? "Give its file with -f" : `Did you mean ${meant}?`;
    return fail([
      {
        code: "pipeline.missing",
        severity: "error",
        message: `there is no Pipeline ${JSON.stringify(name)} among the documents`,
        ...place,
        hint,
      },
    ]);
  }
  return succeed(resolvedPipeline(found, provenanceOf(found.origin.document.source)));
}

function resolvedPipeline({ resource, origin }: Located<Pipeline>, provenance: Provenance): ResolvedPipeline {
  const { name = "", labels = {}, annotations = {} } = resource.metadata;
  return { name, spec: resource.spec, embedded: false, labels, annotations, origin, path: ["spec"], provenance };
}
