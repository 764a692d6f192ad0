import { type Code, type Diagnostic } from "@lapcat/diagnostic";
import { catalogNames } from "@lapcat/resolution";
import { adviseOn, type Located, pipelinesOf, type ResolvedRun, tasksOf } from "@lapcat/tekton";

/** All there is to say beyond admission, of documents and of what the catalogs have besides. */
export async function allAdvice(
  resources: readonly Located[],
  catalogs: readonly string[],
): Promise<readonly Diagnostic[]> {
  const names = new Set(await catalogNames(catalogs));
  return adviseOn(resources, (kind, name) => kind === "Task" && names.has(name));
}

/** Those of `advice` that stand where nothing was said before: what refuses a document says it better. */
export function withoutRepeats(advice: readonly Diagnostic[], before: readonly Diagnostic[]): readonly Diagnostic[] {
  return advice.filter(({ code, span }) =>
    before.every((other) => {
      if (span === undefined || other.span === undefined || other.span.file !== span.file) return true;
      const same = other.span.start === span.start && other.span.end === span.end;
      const around = other.span.start <= span.start && span.end <= other.span.end;
      return !same && !(around && other.code === code);
    }),
  );
}

/** What changes what a run does, and would only be found out afterwards. */
const ofRuns: ReadonlySet<Code> = new Set(["reference.misspelt", "shell.dollars", "param.unknown"]);

/** Advice on the documents that a run is made of. */
export function runAdvice(resources: readonly Located[], resolved: ResolvedRun): readonly Diagnostic[] {
  const origins = [resolved.run, ...pipelinesOf(resolved), ...tasksOf(resolved)].map(({ origin }) => origin);
  const used = new Set(origins.map(({ document }) => document));
  return adviseOn(resources.filter(({ origin }) => used.has(origin.document))).filter(({ code }) => ofRuns.has(code));
}
