import { type RemoteWorld } from "./resolver.ts";

/** A world that has nothing but a network. */
export function worldForTest(more: Partial<RemoteWorld>): RemoteWorld {
  return {
    fetch,
    settings: () => ({}),
    secret: () => undefined,
    images: { inPlaceOf: (reference) => reference, logins: () => Promise.resolve([]) },
    environment: {},
    temporaryDirectory: () => Promise.reject(new Error("none is needed")),
    signal: new AbortController().signal,
    ...more,
  };
}
