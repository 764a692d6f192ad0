import { didYouMean, fail, LapcatError, type Result, succeed } from "@lapcat/diagnostic";
import { backoffOf } from "./backoff.ts";
import { largestLayer, objectIn } from "./bundle-layer.ts";
import { bundleManifest, type BundleLayer } from "./bundle-manifest.ts";
import { fetchTimeout } from "./fetch-timeout.ts";
import { type ImageReference, parseImageReference, repositoryName } from "./image-reference.ts";
import { refusal } from "./refusal.ts";
import { openRepository, type Repository, tooLarge } from "./registry.ts";
import { type RemoteRequest, type RemoteText, type Resolver } from "./resolver.ts";
import { textParams } from "./text-params.ts";

const configMap = "bundleresolver-config";

type Settings = Readonly<Record<string, string>>;

/** An object in an OCI image whose layers are objects (pkg/resolution/resolver/bundle). */
export const bundlesResolver: Resolver = async (request, world) => {
  const settings = world.settings(configMap);
  const asked = askedFor(request, settings);
  if (!asked.ok) return asked;
  const { bundle, serviceAccount, secret } = asked.value;
  const mapped = await world.images.inPlaceOf(bundle);
  const reference = parseImageReference(mapped);
  if (reference === undefined) return notReference(mapped);
  const logins = await world.images.logins(reference.registry, { serviceAccount, secret });
  const timeout = fetchTimeout(settings["fetch-timeout"], configMap);
  if (!timeout.ok) return timeout;
  const late = timeout.value === undefined ? undefined : AbortSignal.timeout(timeout.value.milliseconds);
  const signal = late === undefined ? world.signal : AbortSignal.any([world.signal, late]);
  const { backoff, diagnostics: ofBackoff } = backoffOf(configMap, settings);
  const diagnostics = [...ofBackoff, ...logins.diagnostics];
  try {
    const { keychains } = logins;
    const repository = await openRepository(reference, { fetch: world.fetch, signal, keychains, backoff });
    const found = await objectOf(asked.value, reference, repository);
    return succeed({ ...found, immutable: reference.identifier.kind === "digest" }, diagnostics);
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    if (late?.aborted !== true || world.signal.aborted) return fail([...diagnostics, ...error.diagnostics]);
    return refusal(
      "resolver.unreachable",
      `the registry ${reference.registry} did not answer within ${timeout.value?.text}`,
      `That is the fetch-timeout of ${configMap}`,
    );
  }
};

interface Asked {
  readonly bundle: string;
  readonly name: string;
  readonly kind: string;
  readonly serviceAccount: string;
  readonly secret: string | undefined;
}

function askedFor({ params }: RemoteRequest, settings: Settings): Result<Asked> {
  const given = textParams(params);
  const serviceAccount = given.get("serviceAccount") || settings["default-service-account"];
  const kind = given.get("kind") || settings["default-kind"];
  const [bundle, name] = [given.get("bundle") || undefined, given.get("name") || undefined];
  if (bundle === undefined || name === undefined)
    return refusal(
      "resolver.param",
      `the bundles resolver needs the param ${[...(bundle === undefined ? ["bundle"] : []), ...(name === undefined ? ["name"] : [])].join(" and the param ")}`,
      "It takes bundle, name and kind",
    );
  if (parseImageReference(bundle) === undefined) return notReference(bundle);
  if (serviceAccount === undefined || kind === undefined) {
    const [param, key] = kind === undefined ? ["kind", "default-kind"] : ["serviceAccount", "default-service-account"];
    return refusal(
      "resolver.param",
      `the bundles resolver needs the param ${param}: the ConfigMap ${configMap} has no ${key}`,
    );
  }
  return succeed({ bundle, name, kind, serviceAccount, secret: given.get("secret") || undefined });
}

function notReference<T>(bundle: string): Result<T> {
  return refusal(
    "resolver.param",
    `the bundles resolver's bundle ${JSON.stringify(bundle)} is no image reference`,
    "such as ghcr.io/org/bundle:v1, or ghcr.io/org/bundle@sha256:…, without https://",
  );
}

async function objectOf(
  { name, kind }: Asked,
  reference: ImageReference,
  repository: Repository,
): Promise<Pick<RemoteText, "text" | "provenance">> {
  const { digest, layers } = await bundleManifest(repository, reference);
  const layer = layers.find((each) => each.kind === kind.toLowerCase() && each.name === name);
  if (layer === undefined) throw missing(reference, kind, name, layers);
  const what = `the ${kind} ${name} in ${repositoryName(reference)}`;
  if (layer.size > largestLayer) throw tooLarge(what, largestLayer);
  const text = await objectIn(layer.data ?? (await repository.blob(layer.digest, layer.size)), what);
  const [algorithm = "", hex = ""] = digest.split(":");
  return { text, provenance: { uri: repositoryName(reference), digest: { [algorithm]: hex }, entryPoint: name } };
}

function missing(reference: ImageReference, kind: string, name: string, layers: readonly BundleLayer[]): LapcatError {
  const ofKind = layers.filter((each) => each.kind === kind.toLowerCase());
  const near = didYouMean(
    name,
    ofKind.map((each) => each.name),
  );
  const held = layers.map((each) => `${each.kind} ${each.name}`).join(", ");
  return new LapcatError({
    code: "resolver.missing",
    message: `there is no ${kind} ${JSON.stringify(name)} in the bundle ${repositoryName(reference)}`,
    hint: near !== undefined ? `Did you mean ${near}?` : held === "" ? "It is empty" : `It holds ${held}`,
  });
}
