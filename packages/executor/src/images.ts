import { type Diagnostic, LapcatError } from "@lapcat/diagnostic";
import {
  type CancelSignal,
  type Clock,
  type Engine,
  type ImageRef,
  type PullPolicy,
  type PullProgress,
  type RegistryCredential,
} from "@lapcat/engine";
import { type RunEvent } from "@lapcat/run";
import { type NeededImage } from "./images-of.ts";
import { type ProgressSink } from "./ports.ts";

/** The images of one run: each is pulled once, whoever asks. */
export interface Images {
  /** Side by side; rejects with all that cannot be had, as far as that shows soon after the first. */
  ensureAll(needed: readonly NeededImage[]): Promise<void>;
}

/** `onPulled` is told once for each image that is there. */
export function imagesOfRun(
  engine: Engine,
  clock: Clock,
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
    async ensureAll(needed) {
      const failures = new Map<NeededImage, unknown>();
      const failed = Promise.withResolvers<void>();
      const over = new AbortController();
      const all = Promise.all(
        needed.map(async (each) => {
          try {
            await ensure(each.image, each.pullPolicy, each.credentials);
          } catch (error) {
            failures.set(each, error);
            failed.resolve();
          }
        }),
      ).finally(() => over.abort());
      await Promise.race([all, failed.promise.then(() => clock.sleep(patience, over.signal))]);
      over.abort();
      if (failures.size > 0) throw together(needed, failures);
    },
  };
}

/** How long after one image could not be had others may say so too. */
const patience = 5000;

/** Each image once, at the first place that names it; a failure of another kind is the one to tell. */
function together(needed: readonly NeededImage[], failures: ReadonlyMap<NeededImage, unknown>): unknown {
  const told = new Map<ImageRef, Diagnostic>();
  let cause: unknown;
  for (const each of needed) {
    const error = failures.get(each);
    if (error === undefined || told.has(each.image)) continue;
    if (!(error instanceof LapcatError) || !error.diagnostic.code.startsWith("image.")) return error;
    cause ??= error;
    told.set(each.image, { ...error.diagnostic, ...(each.span === undefined ? {} : { span: each.span }) });
  }
  const [first, ...more] = [...told.values()];
  return first === undefined ? [...failures.values()][0] : new LapcatError(first, cause, more);
}
