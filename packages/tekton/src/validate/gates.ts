import { bindingOf } from "../config-defaults.ts";
import { type WorkspaceBinding } from "../runs.ts";
import { type CompileCel, type EvaluateCel } from "./cel.ts";
import { isAfter, type TektonVersion, withFlags } from "../versions.ts";
import { settingFault } from "./settings.ts";
import { inside, report, type Scope, unnamed } from "./scope.ts";

export type ApiFields = "stable" | "beta" | "alpha";

/** The part of a cluster's feature-flags and config-defaults that admission and Pods ask about (config/feature_flags.go, default.go). */
export interface Gates {
  /** The newest when absent. */
  readonly tekton?: TektonVersion;
  readonly apiFields: ApiFields;
  readonly paramEnum: boolean;
  readonly celInWhen: boolean;
  /** What `withCel` adds where CEL is allowed. */
  readonly compileCel?: CompileCel;
  readonly evaluateCel?: EvaluateCel;
  readonly artifacts: boolean;
  readonly conciseResolver: boolean;
  /** Of `pipeline`, `pipelinerun` and `taskrun`: where a spec may not be written inline. */
  readonly disableInlineSpec: readonly string[];
  readonly maxMatrixCombinations: number;
  readonly defaultTimeoutMinutes: number;
  readonly forbiddenEnv: readonly string[];
  /** The `app.kubernetes.io/managed-by` of every Pod. */
  readonly managedBy: string;
  /** The first step waits until every sidecar is ready. */
  readonly awaitSidecars: boolean;
  /** Sidecars are Kubernetes' own. */
  readonly kubernetesSidecar: boolean;
  /** Steps find the ServiceAccount's logins in their homes. */
  readonly credsInit: boolean;
  /** A status says where definitions came from. */
  readonly provenance: boolean;
  /** Bytes that each result of a Task may take, where results are read by a sidecar; without it all together have 4096. */
  readonly resultLimit?: number;
  /** What is bound to a Task's workspace that nobody binds. */
  readonly defaultWorkspace?: WorkspaceBinding;
}

/** As upstream ships them. */
export const defaultGates: Gates = {
  apiFields: "beta",
  paramEnum: false,
  celInWhen: false,
  artifacts: false,
  conciseResolver: false,
  disableInlineSpec: [],
  maxMatrixCombinations: 256,
  defaultTimeoutMinutes: 60,
  forbiddenEnv: [],
  managedBy: "tekton-pipelines",
  awaitSidecars: true,
  kubernetesSidecar: false,
  credsInit: true,
  provenance: true,
};

/** As that version was shipped. */
export function gatesOfVersion(tekton: TektonVersion | undefined): Gates {
  if (tekton === undefined) return defaultGates;
  return { ...defaultGates, tekton, apiFields: isAfter("beta-by-default", tekton) ? "beta" : "stable" };
}

/** Gates from the keys of the ConfigMaps `feature-flags` and `config-defaults`; others, and values that mean nothing, are left alone. */
export function gatesFrom(settings: Readonly<Record<string, string>>, base: Gates = defaultGates): Gates {
  const flag = (key: string, otherwise: boolean): boolean => {
    const value = settings[key];
    return value === undefined || settingFault(key, value) !== undefined ? otherwise : /^(?:1|t|true)$/iu.test(value);
  };
  const names = (key: string, otherwise: readonly string[]): readonly string[] =>
    settings[key]?.split(",").filter((each) => each !== "") ?? otherwise;
  const number = (key: string, otherwise: number): number => {
    const value = settings[key];
    return value === undefined || settingFault(key, value) !== undefined ? otherwise : Number(value);
  };
  const fields = settings["enable-api-fields"]?.toLowerCase();
  const text = settings["default-task-run-workspace-binding"] ?? "";
  const defaultWorkspace = (text === "" ? undefined : bindingOf(text)) ?? base.defaultWorkspace;
  const resultLimit = settings["results-from"] === "sidecar-logs" ? number("max-result-size", 4096) : base.resultLimit;
  return {
    ...(resultLimit !== undefined && { resultLimit }),
    ...(base.tekton && { tekton: withFlags(base.tekton, settings) }),
    ...(defaultWorkspace && { defaultWorkspace }),
    ...(base.compileCel && { compileCel: base.compileCel }),
    apiFields: fields === "stable" || fields === "beta" || fields === "alpha" ? fields : base.apiFields,
    paramEnum: flag("enable-param-enum", base.paramEnum),
    celInWhen: flag("enable-cel-in-whenexpression", base.celInWhen),
    artifacts: flag("enable-artifacts", base.artifacts),
    conciseResolver: flag("enable-concise-resolver-syntax", base.conciseResolver),
    disableInlineSpec: names("disable-inline-spec", base.disableInlineSpec),
    maxMatrixCombinations: number("default-max-matrix-combinations-count", base.maxMatrixCombinations),
    defaultTimeoutMinutes: number("default-timeout-minutes", base.defaultTimeoutMinutes),
    forbiddenEnv: names("default-forbidden-env", base.forbiddenEnv).map((each) => each.trim()),
    managedBy: settings["default-managed-by-label-value"] || base.managedBy,
    awaitSidecars: flag("await-sidecar-readiness", base.awaitSidecars),
    kubernetesSidecar: flag("enable-kubernetes-sidecar", base.kubernetesSidecar),
    provenance: flag("enable-provenance-in-status", base.provenance),
    credsInit: !flag("disable-creds-init", !base.credsInit),
  };
}

const order: readonly ApiFields[] = ["stable", "beta", "alpha"];

/** config.ValidateEnabledAPIFields: reports a field whose feature asks for more than the gate gives. */
export function needApiFields(scope: Scope, field: string, feature: string, needed: ApiFields): void {
  const { apiFields } = scope.gates;
  if (order.indexOf(apiFields) >= order.indexOf(needed)) return;
  report(
    unnamed(inside(scope, field)),
    "feature.disabled",
    `${feature} needs enable-api-fields to be ${needed}, and it is ${apiFields}`,
    {
      atKey: true,
    },
  );
}

export function needFlag(scope: Scope, flag: string, feature: string): void {
  report(scope, "feature.disabled", `${feature} needs the feature flag ${flag}`);
}
