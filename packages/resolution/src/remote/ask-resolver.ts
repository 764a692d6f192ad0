import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Result } from "@lapcat/diagnostic";
import { type ClusterObjects, formatDuration, type Located } from "@lapcat/tekton";
import { objectsOf } from "../objects.ts";
import { timerOf } from "./fetch-timeout.ts";
import { refusal } from "./refusal.ts";
import { type ImageAccess, type RemoteRequest, type RemoteText, type RemoteWorld, type Resolver } from "./resolver.ts";
import { scratchIn } from "./scratch.ts";
import { resolverSettings } from "./settings.ts";

/** The machine, as resolvers see it. */
export interface Machine {
  readonly fetch: typeof fetch;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What it, and the documents of the run's namespace, say of images. */
  images(objects: ClusterObjects): ImageAccess;
  /** What is fetched is kept in it. */
  readonly directory: string;
}

const grace = 2000;

/** Asks a resolver, with as much time as a cluster gives it, and scratch space that does not outlive the answer. */
export async function askResolver(
  resolver: Resolver,
  request: RemoteRequest,
  documents: readonly Located[],
  machine: Machine,
  timeout: string | undefined,
): Promise<Result<RemoteText>> {
  const time = timerOf(timeout ?? "") ?? 60_000;
  const late = AbortSignal.timeout(time);
  const tooLate = new Promise<"late">((resolve) => {
    late.addEventListener("abort", () => resolve("late"), { once: true });
  });
  await using scratch = scratchIn(join(machine.directory, "tmp"));
  const near = documents.filter(
    ({ resource: { metadata } }) => (metadata.namespace ?? request.namespace) === request.namespace,
  );
  const world: RemoteWorld = {
    fetch: machine.fetch,
    settings: resolverSettings(documents),
    secret: (name, key, namespace = request.namespace) => secretIn(documents, request, { name, key, namespace }),
    environment: machine.environment,
    images: machine.images(objectsOf(near)),
    temporaryDirectory: () => scratch.directory(),
    signal: late,
  };
  const asking = resolver(request, world);
  const answer = await Promise.race([asking, tooLate]);
  if (answer !== "late") return answer;
  // What it began may still write.
  await Promise.race([asking.catch(() => {}), sleep(grace, undefined, { ref: false })]);
  return refusal(
    "resolver.unreachable",
    `there was no answer within ${formatDuration(time)}`,
    "default-maximum-resolution-timeout of config-defaults says how long a cluster waits",
  );
}

function secretIn(
  documents: readonly Located[],
  request: RemoteRequest,
  { name, key, namespace }: { readonly name: string; readonly key: string; readonly namespace: string },
): string | undefined {
  for (const { resource } of documents) {
    if (resource.kind !== "Secret" || resource.metadata.name !== name) continue;
    if ((resource.metadata.namespace ?? request.namespace) !== namespace) continue;
    const bytes = resource.data[key];
    if (bytes !== undefined) return new TextDecoder().decode(bytes);
  }
  return undefined;
}
