export { classify, type Access, type Variable } from "./classify.ts";
export { expandKubernetes } from "./expand-kubernetes.ts";
export {
  findPrefixed,
  prohibitedReferences,
  trimIndex,
  unisolatedReferences,
  unknownReferences,
  wholeReferences,
  type PrefixedReference,
} from "./prefixed.ts";
export { findReferences, isolatedReference, type Reference } from "./reference.ts";
export { replace, replaceList, replaceValue, type Replacements, type Value } from "./replace.ts";
export {
  mergeReplacements,
  noReplacements,
  notations,
  paramReplacements,
  resultReplacements,
  stringReplacements,
} from "./replacements.ts";
export {
  findExpressions,
  findResultReferences,
  looksLikeResult,
  parseResultExpression,
  type ResultReference,
} from "./result-reference.ts";
export {
  findStepArtifacts,
  findStepResults,
  type StepArtifactReference,
  type StepResultReference,
} from "./step-reference.ts";
