import { dirname, join } from "node:path";
import { fetcherFor, type RemoteSource } from "@lapcat/resolution";
import { storeRoot } from "@lapcat/store";
import { imageAccess } from "./image-access.ts";
import { type World } from "./world.ts";

/** Where what resolvers fetched is kept. */
export function resolutionCacheOf({ env, home }: World): string {
  return join(dirname(storeRoot(env, home)), "cache", "resolution");
}

export interface AskingOptions {
  /** What was kept has to do. */
  readonly offline?: boolean;
  /** Neither what was kept: nothing but the documents. */
  readonly documentsOnly?: boolean;
}

/** Who answers references to resolvers. */
export function remoteSourceOf(
  world: World,
  { offline = false, documentsOnly = false, imageMap = [] }: AskingOptions & { readonly imageMap?: readonly string[] },
): RemoteSource {
  if (documentsOnly) return { kind: "documents" };
  return {
    kind: "machine",
    fetch: fetcherFor(world.env),
    environment: world.env,
    images: (objects) => imageAccess(world, imageMap, objects),
    directory: resolutionCacheOf(world),
    offline,
  };
}
