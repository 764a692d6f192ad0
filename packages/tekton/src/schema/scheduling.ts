import { int32, integer, list, object, text, textMap, texts, type Schema } from "./dsl.ts";

const requirement = object({ "key!": text, "operator!": text, values: texts });

export const labelSelector: Schema = object({ matchLabels: textMap, matchExpressions: list(requirement) });

const nodeTerm = object({ matchExpressions: list(requirement), matchFields: list(requirement) });
const podTerm = object({
  labelSelector,
  namespaces: texts,
  "topologyKey!": text,
  namespaceSelector: labelSelector,
  matchLabelKeys: texts,
  mismatchLabelKeys: texts,
});
const podTerms = object({
  requiredDuringSchedulingIgnoredDuringExecution: list(podTerm),
  preferredDuringSchedulingIgnoredDuringExecution: list(object({ "weight!": int32, "podAffinityTerm!": podTerm })),
});

/** Where a Pod may be placed (k8s.io/api/core/v1/types.go): a cluster's own matter, of which only the structure is checked. */
export const affinity: Schema = object({
  nodeAffinity: object({
    requiredDuringSchedulingIgnoredDuringExecution: object({ "nodeSelectorTerms!": list(nodeTerm) }),
    preferredDuringSchedulingIgnoredDuringExecution: list(object({ "weight!": int32, "preference!": nodeTerm })),
  }),
  podAffinity: podTerms,
  podAntiAffinity: podTerms,
});

export const toleration: Schema = object({
  key: text,
  operator: text,
  value: text,
  effect: text,
  tolerationSeconds: integer,
});

export const topologySpreadConstraint: Schema = object({
  "maxSkew!": int32,
  "topologyKey!": text,
  "whenUnsatisfiable!": text,
  labelSelector,
  minDomains: int32,
  nodeAffinityPolicy: text,
  nodeTaintsPolicy: text,
  matchLabelKeys: texts,
});
