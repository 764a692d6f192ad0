import { type Diagnostic } from "@lapcat/diagnostic";
import { type Located } from "../resource.ts";
import { type Advice, listener } from "./advice.ts";
import { adviseOnClaims } from "./claims.ts";
import { adviseOnDeprecated } from "./deprecated.ts";
import { adviseOnImages } from "./images.ts";
import { type Elsewhere, knownResources } from "./known-resources.ts";
import { adviseOnCircles } from "./pipelines-in-circles.ts";
import { adviseOnReferences } from "./references.ts";
import { adviseOnResultSizes } from "./result-sizes.ts";
import { adviseOnResults } from "./results.ts";
import { adviseOnServiceAccounts } from "./service-accounts.ts";
import { adviseOnShell } from "./shell.ts";
import { adviseOnStepActions } from "./step-actions.ts";
import { adviseOnVariables } from "./variables.ts";

const questions: readonly ((advice: Advice) => void)[] = [
  adviseOnReferences,
  adviseOnCircles,
  adviseOnStepActions,
  adviseOnResults,
  adviseOnVariables,
  adviseOnShell,
  adviseOnImages,
  adviseOnClaims,
  adviseOnResultSizes,
  adviseOnServiceAccounts,
  adviseOnDeprecated,
];

/**
 * What admission does not say and a user will want to know: mistakes between the documents of one invocation, and what a cluster
 * would make of them later. Warnings only, in the order of the documents.
 */
export function adviseOn(resources: readonly Located[], elsewhere: Elsewhere = () => false): readonly Diagnostic[] {
  const { say, found } = listener();
  const advice: Advice = { resources, known: knownResources(resources, elsewhere), say };
  for (const question of questions) question(advice);
  const order = new Map(resources.map(({ origin }, index) => [origin.document.source, index]));
  const place = ({ span }: Diagnostic): number => (span === undefined ? -1 : (order.get(span.file) ?? -1));
  return found.toSorted((a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
