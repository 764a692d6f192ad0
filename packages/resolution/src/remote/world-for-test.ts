import { type Keychain } from "./registry-auth.ts";
import { type ImageAccess, type RemoteWorld } from "./resolver.ts";

/** A world that has nothing but a network. */
export function worldForTest(more: Partial<RemoteWorld>): RemoteWorld {
  return {
    fetch,
    settings: () => ({}),
    secret: () => undefined,
    images: imagesForTest([]),
    environment: {},
    temporaryDirectory: () => Promise.reject(new Error("none is needed")),
    signal: new AbortController().signal,
    ...more,
  };
}

/** Every image as it is, and these logins. */
export function imagesForTest(keychains: readonly Keychain[]): ImageAccess {
  return {
    inPlaceOf: (reference) => Promise.resolve(reference),
    logins: () => Promise.resolve({ keychains, diagnostics: [] }),
  };
}
