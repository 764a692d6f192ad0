import { describe, expect, test } from "vitest";
import { type Lifecycle, type Probe, type Sidecar } from "@lapcat/tekton";
import { boundForTest, optionsForTest } from "./bound-for-test.ts";
import { podOf } from "./pod-of.ts";
import { type PodOptions } from "./pod-options.ts";
import { type PlannedSidecar } from "./pod-plan.ts";

const image = "i:1";
const ports = [{ name: "web", containerPort: 8080 }];

function planned(sidecar: Partial<Sidecar>, options: Partial<PodOptions> = {}): PlannedSidecar | undefined {
  const spec = { steps: [{ image }], sidecars: [{ name: "s", image, ports, ...sidecar }] };
  const made = podOf(boundForTest(spec), optionsForTest(options));
  return made.ok ? made.value.sidecars[0] : undefined;
}

function said(sidecar: Partial<Sidecar>): readonly string[] {
  const spec = { steps: [{ image }], sidecars: [{ name: "s", image, ports, ...sidecar }] };
  return podOf(boundForTest(spec), optionsForTest()).diagnostics.map(
    ({ severity, code, path }) => `${severity} ${code} ${path ?? ""}`,
  );
}

const http = { kind: "http", scheme: "HTTP", port: 8080, path: "/", headers: [] };

describe("what a probe asks", () => {
  test.for<readonly [Probe, unknown]>([
    [{ exec: { command: ["ls", "/x"] } }, { kind: "exec", command: ["ls", "/x"] }],
    [{ tcpSocket: { port: 5432 } }, { kind: "tcp", port: 5432 }],
    [{ tcpSocket: { port: "web", host: "127.0.0.1" } }, { kind: "tcp", port: 8080, host: "127.0.0.1" }],
    [{ httpGet: { port: "web" } }, http],
    [{ httpGet: { port: "8080", path: "ready?x=1", host: "" } }, { ...http, path: "/ready?x=1" }],
    [
      { httpGet: { port: 8443, scheme: "HTTPS", host: "app.example", httpHeaders: [{ name: "A", value: "b" }] } },
      { ...http, scheme: "HTTPS", host: "app.example", port: 8443, headers: [{ name: "A", value: "b" }] },
    ],
  ])("%j", ([readinessProbe, question]) => {
    expect(planned({ readinessProbe })?.readiness?.question).toEqual(question);
  });
});

describe("when a probe asks", () => {
  const tcpSocket = { port: 1 };
  test.for<readonly [Probe, unknown]>([
    [{ tcpSocket }, { initialDelay: 0, period: 1000, timeout: 1000, successes: 1, failures: 30 }],
    [
      { tcpSocket, periodSeconds: 10 },
      { period: 10_000, failures: 3 },
    ],
    [
      { tcpSocket, periodSeconds: 0, timeoutSeconds: 0, failureThreshold: 0 },
      { period: 1000, timeout: 1000, failures: 30 },
    ],
    [
      { tcpSocket, initialDelaySeconds: 2, timeoutSeconds: 3, periodSeconds: 4, failureThreshold: 6 },
      { initialDelay: 2000, timeout: 3000, period: 4000, failures: 6 },
    ],
    [{ tcpSocket, terminationGracePeriodSeconds: 7 }, { grace: 7000 }],
  ])("%j", ([startupProbe, expected]) => {
    expect(planned({ startupProbe })?.startup).toMatchObject(expected as object);
  });
});

test("hooks do what probes do, or wait", () => {
  const lifecycle: Lifecycle = { postStart: { exec: { command: ["a"] } }, preStop: { sleep: { seconds: 2 } } };
  expect(planned({ lifecycle })).toMatchObject({
    postStart: { kind: "exec", command: ["a"] },
    preStop: { kind: "sleep", milliseconds: 2000 },
  });
});

test("a sidecar is one of Kubernetes' own when it says so, or the cluster does", () => {
  const settings = {
    awaitSidecars: true,
    kubernetesSidecar: true,
    credsInit: true,
    forbiddenEnv: [],
    managedBy: "m",
    alpha: false,
  };
  expect(
    [planned({}), planned({ restartPolicy: "Always" }), planned({}, { settings })].map((each) => each?.native),
  ).toEqual([false, true, true]);
});

describe("what cannot be asked is told where it stands", () => {
  test.for<readonly [Partial<Sidecar>, string]>([
    [{ readinessProbe: { grpc: { port: 1 } } }, "error field.unsupported spec.sidecars[0].readinessProbe.grpc"],
    [{ startupProbe: {} }, "error field.missing spec.sidecars[0].startupProbe"],
    [
      { livenessProbe: { exec: { command: ["a"] }, tcpSocket: { port: 1 } } },
      "error field.conflict spec.sidecars[0].livenessProbe",
    ],
    [
      { readinessProbe: { tcpSocket: { port: "grpc" } } },
      "error field.value spec.sidecars[0].readinessProbe.tcpSocket.port",
    ],
    [
      { readinessProbe: { httpGet: { port: 70_000 } } },
      "error field.value spec.sidecars[0].readinessProbe.httpGet.port",
    ],
    [
      { readinessProbe: { httpGet: { port: 1, scheme: "http" } } },
      "error field.value spec.sidecars[0].readinessProbe.httpGet.scheme",
    ],
    [
      { startupProbe: { tcpSocket: { port: 1 }, successThreshold: 2 } },
      "error field.value spec.sidecars[0].startupProbe.successThreshold",
    ],
    [
      { readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: -1 } },
      "error field.value spec.sidecars[0].readinessProbe.periodSeconds",
    ],
    [
      { lifecycle: { preStop: { tcpSocket: { port: 1 } } } },
      "error field.unsupported spec.sidecars[0].lifecycle.preStop.tcpSocket",
    ],
    [{ lifecycle: { stopSignal: "SIGINT" } }, "warning field.unsupported spec.sidecars[0].lifecycle.stopSignal"],
    [{ restartPolicy: "OnFailure" }, "error field.value spec.sidecars[0].restartPolicy"],
  ])("%j", ([sidecar, expected]) => {
    expect(said(sidecar)).toContain(expected);
  });
});
