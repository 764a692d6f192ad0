import { type RunId } from "@lapcat/engine";

/** All that lapcat makes in an engine carries these; sweeping goes by them. */
export const runLabel = "dev.lapcat.run";
export const podLabel = "dev.lapcat.pod";
export const containerLabel = "dev.lapcat.container";
/** On the volumes of claims: a run's own, which carry its label too, and the user's, which no sweep removes. */
export const claimLabel = "dev.lapcat.claim";
export const anchorLabel = "dev.lapcat.anchor";

export function labelFilter(run: RunId | undefined): { readonly label: string[] } {
  return { label: [run === undefined ? runLabel : `${runLabel}=${run}`] };
}
