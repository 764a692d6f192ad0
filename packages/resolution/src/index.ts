export { catalogNames } from "./catalog.ts";
export { type Choice } from "./choose-run.ts";
export { loadSources, type SourceInputs, whyUnreadable } from "./load-sources.ts";
export { resolveRun, type ResolveOptions } from "./resolve-run.ts";
export { fetcherFor } from "./fetcher.ts";
export { type ImageAccess } from "./remote/resolver.ts";
export { type RemoteSource } from "./remote/remote-source.ts";
