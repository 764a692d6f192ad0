import { didYouMean, fail, LapcatError, type Result, succeed } from "@lapcat/diagnostic";
import { type Backoff, backoffOf } from "./backoff.ts";
import { largestLayer, objectIn } from "./bundle-layer.ts";
import { bundleManifest, type BundleLayer } from "./bundle-manifest.ts";
import { type ImageReference, parseImageReference, repositoryName } from "./image-reference.ts";
import { refusal } from "./refusal.ts";
import { openRepository, tooLarge } from "./registry.ts";
import { type RemoteRequest, type RemoteText, type RemoteWorld, type Resolver } from "./resolver.ts";
import { textParams } from "./text-params.ts";

const configMap = "bundleresolver-config";

type Settings = Readonly<Record<string, string>>;

/** An object in an OCI image whose layers are objects (pkg/resolution/resolver/bundle). */
export const bundlesResolver: Resolver = async (request, world) => {
  const settings = world.settings(configMap);
  const asked = askedFor(request, settings);
  if (!asked.ok) return asked;
  const { backoff, diagnostics } = backoffOf(configMap, settings);
  try {
    return succeed(await fetchObject(asked.value, world, backoff), diagnostics);
  } catch (error) {
    if (!(error instanceof LapcatError)) throw error;
    return fail([...diagnostics, ...error.diagnostics]);
  }
};

interface Asked {
  readonly bundle: string;
  readonly reference: ImageReference;
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
  const reference = parseImageReference(bundle);
  if (reference === undefined)
    return refusal(
      "resolver.param",
      `the bundles resolver's bundle ${JSON.stringify(bundle)} is no image reference`,
      "such as ghcr.io/org/bundle:v1, or ghcr.io/org/bundle@sha256:…, without https://",
    );
  if (serviceAccount === undefined || kind === undefined) {
    const [param, key] = kind === undefined ? ["kind", "default-kind"] : ["serviceAccount", "default-service-account"];
    return refusal(
      "resolver.param",
      `the bundles resolver needs the param ${param}: the ConfigMap ${configMap} has no ${key}`,
    );
  }
  return succeed({ bundle, reference, name, kind, serviceAccount, secret: given.get("secret") || undefined });
}

async function fetchObject(
  { bundle, reference: written, name, kind, serviceAccount, secret }: Asked,
  world: RemoteWorld,
  backoff: Backoff,
): Promise<RemoteText> {
  const mapped = world.images.inPlaceOf(bundle);
  const reference = mapped === bundle ? written : (parseImageReference(mapped) ?? written);
  const keychains = await world.images.logins(reference.registry, { serviceAccount, secret });
  const { fetch: fetcher, signal } = world;
  const repository = await openRepository(reference, { fetch: fetcher, signal, keychains, backoff });
  const { digest, layers } = await bundleManifest(repository, reference);
  const layer = layers.find((each) => each.kind === kind.toLowerCase() && each.name === name);
  if (layer === undefined) throw missing(reference, kind, name, layers);
  const what = `the ${kind} ${name} in ${repositoryName(reference)}`;
  if (layer.size > largestLayer) throw tooLarge(what, largestLayer);
  const text = await objectIn(layer.data ?? (await repository.blob(layer.digest, layer.size)), what);
  const [algorithm = "", hex = ""] = digest.split(":");
  return {
    text,
    provenance: { uri: repositoryName(reference), digest: { [algorithm]: hex }, entryPoint: name },
    // Where an image map leads to is not the reference's own.
    immutable: reference.identifier.kind === "digest" && mapped === bundle,
  };
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
