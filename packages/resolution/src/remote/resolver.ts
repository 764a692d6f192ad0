import { type Diagnostic, type Result } from "@lapcat/diagnostic";
import { type Located, type Param, type Provenance } from "@lapcat/tekton";
import { type Keychain } from "./registry-auth.ts";

/** What a reference asks of a resolver, as a ResolutionRequest of Tekton's: its variables are replaced, the concise name is the param `url`. */
export interface RemoteRequest {
  /** Of the run, in which Secrets are looked for. */
  readonly namespace: string;
  readonly wanted: "Task" | "Pipeline" | "StepAction";
  readonly params: readonly Param[];
}

/** A definition's text, and where it came from as `status.provenance.refSource` tells it. */
export interface RemoteText {
  readonly text: string;
  readonly provenance: Provenance;
  /** Whether the same request can never be answered otherwise: by a whole commit, or by a digest. */
  readonly immutable: boolean;
  /** An object among the documents, whose text this is: it knows its own places. */
  readonly located?: Located;
}

/** What the user's machine and the documents say of images. */
export interface ImageAccess {
  /** An image's reference, or that of the one that the user has put in its place. */
  inPlaceOf(reference: string): Promise<string>;
  logins(registry: string, of: PullSecrets): Promise<Logins>;
}

export interface Logins {
  /** Asked in order: of the Secret and of the ServiceAccount's imagePullSecrets, then the user's own. */
  readonly keychains: readonly Keychain[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Where among the documents of the run's namespace logins may be. */
export interface PullSecrets {
  readonly serviceAccount: string;
  readonly secret: string | undefined;
}

/** What resolvers see of the world. */
export interface RemoteWorld {
  /** Honours the proxies of the environment. */
  readonly fetch: typeof fetch;
  /** The data of a resolver's ConfigMap over upstream's defaults, by the ConfigMap's name: `git-resolver-config`, `hubresolver-config` … */
  settings(configMap: string): Readonly<Record<string, string>>;
  /** A Secret's value among the documents, of the run's namespace or another; what is asked for by name and is not there is told by the caller. */
  secret(name: string, key: string, namespace?: string): string | undefined;
  readonly images: ImageAccess;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Scratch space of this resolution, removed after it. */
  temporaryDirectory(): Promise<string>;
  /** Aborted when the resolution's time is up. */
  readonly signal: AbortSignal;
}

/**
 * Fetches one definition. What the request gets wrong, or the other side does not have, is a failed `Result` whose diagnostics have no place:
 * the reference's is put there by who asks. Codes: `resolver.param` (2) for params, `resolver.missing` (2) for what is not there,
 * `resolver.unreachable` (3) for a world that does not answer, `resolver.unauthorized` (3).
 */
export type Resolver = (request: RemoteRequest, world: RemoteWorld) => Promise<Result<RemoteText>>;

/** A diagnostic without a place. */
export type Placeless = Omit<Diagnostic, "span" | "path">;
