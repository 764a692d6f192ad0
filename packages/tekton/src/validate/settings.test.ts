import { expect, test } from "vitest";
import { defaultGates, gatesFrom } from "./gates.ts";

test.for([
  [{ "enable-api-fields": "ALPHA" }, { apiFields: "alpha" }],
  [{ "enable-param-enum": "1" }, { paramEnum: true }],
  [{ "enable-artifacts": "False" }, { artifacts: false }],
  [{ "default-forbidden-env": "A, B" }, { forbiddenEnv: ["A", "B"] }],
  [{ "disable-inline-spec": "pipeline,taskrun" }, { disableInlineSpec: ["pipeline", "taskrun"] }],
  [{ "await-sidecar-readiness": "false" }, { awaitSidecars: false }],
  [{ "disable-creds-init": "true" }, { credsInit: false }],
  [{ "enable-kubernetes-sidecar": "true" }, { kubernetesSidecar: true }],
  [{ "results-from": "sidecar-logs" }, { resultLimit: 4096 }],
  [{ "results-from": "sidecar-logs", "max-result-size": "8192" }, { resultLimit: 8192 }],
  [{ "max-result-size": "8192" }, {}],
  [{ "default-timeout-minutes": "0" }, { defaultTimeoutMinutes: 0 }],
] as const)("%o is read as %o", ([settings, gates]) => {
  expect(gatesFrom(settings)).toEqual({ ...defaultGates, ...gates });
});

test.for([
  { "enable-api-fields": "gamma" },
  { "enable-param-enum": "yes" },
  { "default-timeout-minutes": "soon" },
  { "send-cloudevents-for-runs": "true" },
])("%o changes nothing", (settings) => {
  expect(gatesFrom(settings as Readonly<Record<string, string>>)).toEqual(defaultGates);
});
