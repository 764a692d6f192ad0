import { type Diagnostic, didYouMean, fail, type Result, sourceFile, succeed } from "@lapcat/diagnostic";
import { formatPath } from "@lapcat/manifest";
import { openExpression } from "@lapcat/plan";
import { type Fetched, isUrlLike, type Located, type Provenance, type Ref, type TektonResource } from "@lapcat/tekton";
import { isKind } from "../kind.ts";
import { type Place } from "../needed-objects.ts";
import { limited } from "./limited.ts";
import { type Admission, readDefinition } from "./read-definition.ts";
import { refusal } from "./refusal.ts";
import { answerOf, keyOf, type RemoteSource, type Request } from "./remote-source.ts";
import { resolvers } from "./resolvers.ts";
import { resolverSettings, switchedOff } from "./settings.ts";

type Kind = Fetched["kind"];

export interface FoundRemotely<K extends Kind> {
  readonly located: Located<Extract<TektonResource, { readonly kind: K }>>;
  readonly provenance: Provenance;
}

interface Read {
  readonly located: Located;
  readonly provenance: Provenance;
}

/** Follows references that name a resolver. Each request is made once, and what there is to say of its text is said once. */
export interface RemoteFinder {
  /** The reference, whose variables are replaced, and its place. */
  find<K extends Kind>(kind: K, ref: Ref, place: Place): Promise<Result<FoundRemotely<K>>>;
  fetched(): readonly Fetched[];
}

export interface RemoteOptions extends Admission {
  readonly namespace: string;
  readonly source: RemoteSource;
  /** The documents are not all that a cluster has: what the resolver of its own objects lacks may be there. */
  readonly lenient: boolean;
}

export function remoteFinder(
  documents: readonly Located[],
  { namespace, source, lenient, ...admission }: RemoteOptions,
): RemoteFinder {
  const answers = new Map<string, Promise<Result<Read>>>();
  const told = new Set<string>();
  const fetched: Fetched[] = [];
  const atOnce = limited(4);

  async function read(request: Request): Promise<Result<Read>> {
    const timeout = admission.settings["default-maximum-resolution-timeout"];
    const answer = await atOnce(() => answerOf(request, source, documents, timeout));
    if (answer === undefined) return fail([]);
    if (!answer.ok) return lenient && request.resolver === "cluster" ? fail(answer.diagnostics.map(asUnasked)) : answer;
    const { text, provenance, located } = answer.value;
    const name = `${provenance.uri}${provenance.entryPoint === undefined ? "" : `:${provenance.entryPoint}`}`;
    const found = located === undefined ? readDefinition(sourceFile(name, text), admission) : succeed(located);
    if (!found.ok) return fail([unusable(name), ...found.diagnostics]);
    const { resolver, kind, params } = request;
    if (!isKind(kind)(found.value))
      return refusal("resolver.missing", `${name} is a ${found.value.resource.kind}, and a ${kind} is wanted`);
    fetched.push({ resolver, kind, params, text, provenance });
    return succeed({ located: found.value, provenance }, [...answer.diagnostics, ...found.diagnostics]);
  }

  async function find<K extends Kind>(kind: K, ref: Ref, place: Place): Promise<Result<FoundRemotely<K>>> {
    const refused = refusedAtOnce(ref, place);
    if (refused !== undefined) return fail([refused]);
    const { resolver = "", name = "", params = [] } = ref;
    const given = isUrlLike(name) ? [...params, { name: "url", value: name }] : params;
    const request = { resolver, kind, params: given, namespace };
    const key = keyOf(request);
    const reading = answers.get(key) ?? read(request);
    answers.set(key, reading);
    const result = await reading;
    const whose = `the ${kind} of the resolver ${JSON.stringify(resolver)}`;
    if (!result.ok && result.diagnostics.length === 0) return fail([unasked(whose, place)]);
    const isFirst = !told.has(key);
    told.add(key);
    // Every reference is told why it leads nowhere, and once what is wrong where it leads.
    const diagnostics = result.diagnostics
      .filter(({ span }) => isFirst || (!result.ok && span === undefined))
      .map((each) => (each.span === undefined ? atReference(each, whose, place) : each));
    if (!result.ok) return fail(diagnostics);
    const { located, provenance } = result.value;
    if (!isKind(kind)(located)) throw new Error(`what was read for a ${kind} is none`);
    return succeed({ located, provenance }, diagnostics);
  }

  function refusedAtOnce(ref: Ref, { origin, path }: Place): Diagnostic | undefined {
    const { resolver = "" } = ref;
    const at = [...path, "resolver"];
    const refuse = (code: Diagnostic["code"], message: string, hint?: string): Diagnostic => {
      const place = { span: origin.spanOf(at), path: formatPath(at) };
      return { code, severity: "error", message, ...place, ...(hint !== undefined && { hint }) };
    };
    if (!Object.hasOwn(resolvers, resolver)) {
      const near = didYouMean(resolver, Object.keys(resolvers));
      return refuse(
        "field.unsupported",
        `the resolver ${JSON.stringify(resolver)} is none of Tekton's own, and is not executed`,
        near === undefined ? "Give the object's file with -f, and refer to it by its name" : `Did you mean ${near}?`,
      );
    }
    const open = openExpression(ref);
    if (open !== undefined)
      return refuse(
        "resolver.param",
        `what the resolver ${JSON.stringify(resolver)} is asked for depends on ${open.replace("$(matrix.", "$(params.")}, which has no value before the run begins`,
        "Name the definition by params of the run",
      );
    if (source.kind === "record") return undefined;
    const flag = switchedOff(resolver, resolverSettings(documents));
    if (flag === undefined) return undefined;
    return refuse(
      "feature.disabled",
      `the resolver ${JSON.stringify(resolver)} needs ${flag} of the ConfigMap resolvers-feature-flags to be true`,
    );
  }

  return { find, fetched: () => fetched };
}

function asUnasked(diagnostic: Diagnostic): Diagnostic {
  return diagnostic.code === "resolver.missing" ? { ...diagnostic, code: "resolver.unasked" } : diagnostic;
}

function unusable(name: string): Diagnostic {
  return { code: "resolver.missing", severity: "error", message: `a cluster would refuse ${name}` };
}

function atReference(diagnostic: Diagnostic, whose: string, { origin, path }: Place): Diagnostic {
  const at = [...path, "resolver"];
  return {
    ...diagnostic,
    message: `${whose}: ${diagnostic.message}`,
    span: origin.spanOf(at),
    path: formatPath(at),
  };
}

function unasked(whose: string, { origin, path }: Place): Diagnostic {
  const at = [...path, "resolver"];
  return {
    code: "resolver.unasked",
    severity: "note",
    message: `${whose} was not looked at: it is fetched when the run is planned`,
    span: origin.spanOf(at),
    path: formatPath(at),
  };
}
