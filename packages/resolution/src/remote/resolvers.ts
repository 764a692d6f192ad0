import { type Located } from "@lapcat/tekton";
import { type Resolver } from "./resolver.ts";

/** By the name in `resolver`. Each is loaded when a reference asks for it: most runs ask for none. */
export const resolvers: Readonly<Record<string, (documents: readonly Located[]) => Promise<Resolver>>> = {
  bundles: async () => (await import("./bundles.ts")).bundlesResolver,
  cluster: async (documents) => (await import("./cluster.ts")).clusterResolver(documents),
  git: async () => (await import("./git.ts")).gitResolver,
  http: async () => (await import("./http.ts")).httpResolver,
  hub: async () => (await import("./hub.ts")).hubResolver,
};
