import { type Complaints } from "./complaints.ts";
import { type ObjectStore } from "./object-store.ts";
import { type PodFacts } from "./pod-facts.ts";
import { type SecretTexts } from "./secret-texts.ts";

/** What the parts of one Pod are made from, and where they say what is wrong and what is secret. */
export interface PodContext {
  readonly facts: PodFacts;
  /** Where a `hostPath` may lie. */
  readonly hostPaths: readonly string[];
  readonly objects: ObjectStore;
  readonly secrets: SecretTexts;
  readonly complaints: Complaints;
}
