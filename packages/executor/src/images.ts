import {
  type CancelSignal,
  type Engine,
  type ImageRef,
  type PullPolicy,
  type PullProgress,
  type RegistryCredential,
} from "@lapcat/engine";
import { type RunEvent } from "@lapcat/run";
import { type NeededImages } from "./images-of.ts";
import { type ProgressSink } from "./ports.ts";

/** The images of one run: each is pulled once, whoever asks. */
export interface Images {
  /** Side by side; rejects with the first failure. */
  ensureAll(needed: NeededImages): Promise<void>;
}

/** `onPulled` is told once for each image that is there. */
export function imagesOfRun(
  engine: Engine,
  signal: CancelSignal,
  progress: ProgressSink | undefined,
  onPulled: (event: RunEvent) => void,
): Images {
  const pulls = new Map<ImageRef, Promise<void>>();
  const pull = async (
    image: ImageRef,
    policy: PullPolicy,
    credentials: readonly RegistryCredential[],
  ): Promise<void> => {
    const onProgress =
      progress === undefined ? {} : { onProgress: (told: PullProgress): void => progress.pulling(told) };
    const info = await engine.pull(image, { policy, credentials, ...onProgress }, signal);
    onPulled({ type: "image.pulled", image, imageId: info.imageId, fromRegistry: info.pulled });
  };
  const ensure = (image: ImageRef, policy: PullPolicy, credentials: readonly RegistryCredential[]): Promise<void> => {
    const known = pulls.get(image);
    if (known !== undefined) return known;
    const pulling = pull(image, policy, credentials);
    pulls.set(image, pulling);
    // Asked again after a failure (by a retry), it is tried again.
    pulling.catch(() => pulls.delete(image));
    return pulling;
  };
  return {
    async ensureAll({ containers, credentials }) {
      await Promise.all(containers.map(({ image, pullPolicy }) => ensure(image, pullPolicy, credentials)));
    },
  };
}
