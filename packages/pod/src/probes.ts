import { type Question } from "@lapcat/engine";
import { type Handler, type LifecycleHandler, type Probe, type Sidecar } from "@lapcat/tekton";
import { type Complaints, type Place } from "./complaints.ts";
import { type Hook, type PlannedProbe } from "./pod-plan.ts";

/**
 * Kubernetes waits 10 seconds between two asks unless told otherwise. Here nobody wants to wait for that: it is one second, and a probe
 * that may fail so many times may fail for as long as it could there.
 */
const unwrittenPeriod = { inCluster: 10, here: 1 };

/** A sidecar's probe with every default; undefined when it has none, or one that cannot be executed, which is complained about. */
export function plannedProbe(
  sidecar: Sidecar,
  kind: "startupProbe" | "readinessProbe" | "livenessProbe",
  at: Place,
  complaints: Complaints,
): PlannedProbe | undefined {
  const probe: Probe | undefined = sidecar[kind];
  if (probe === undefined) return undefined;
  const place = [...at, kind];
  if (probe.grpc !== undefined) {
    complaints.error(
      "field.unsupported",
      `a grpc probe (sidecars[].${kind}.grpc) is not executed here`,
      [...place, "grpc"],
      "ask with exec (grpc_health_probe), httpGet or tcpSocket",
    );
    return undefined;
  }
  const numbers = ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"];
  for (const [field, value] of Object.entries(probe)) {
    if (numbers.includes(field) && typeof value === "number" && value < 0)
      complaints.error("field.value", `${field} is not negative`, [...place, field]);
  }
  // 0 is what Kubernetes takes for absent.
  const given = (value: number | undefined): number | undefined => (value === 0 ? undefined : value);
  const successes = given(probe.successThreshold) ?? 1;
  if (successes !== 1 && kind !== "readinessProbe")
    complaints.error("field.value", `successThreshold of a ${kind} is 1`, [...place, "successThreshold"]);
  const question = questionOf(probe, sidecar, "probe", place, complaints);
  if (question === undefined) return undefined;
  const written = given(probe.periodSeconds);
  const failures = given(probe.failureThreshold) ?? 3;
  const grace = probe.terminationGracePeriodSeconds;
  return {
    question,
    initialDelay: (probe.initialDelaySeconds ?? 0) * 1000,
    period: (written ?? unwrittenPeriod.here) * 1000,
    timeout: (given(probe.timeoutSeconds) ?? 1) * 1000,
    successes,
    failures: written === undefined ? (failures * unwrittenPeriod.inCluster) / unwrittenPeriod.here : failures,
    ...(grace === undefined ? {} : { grace: grace * 1000 }),
  };
}

/** What a sidecar does after its start or before its end. */
export function plannedHook(
  sidecar: Sidecar,
  kind: "postStart" | "preStop",
  at: Place,
  complaints: Complaints,
): Hook | undefined {
  const hook: LifecycleHandler | undefined = sidecar.lifecycle?.[kind];
  if (hook === undefined) return undefined;
  const place = [...at, "lifecycle", kind];
  if (hook.sleep !== undefined) return { kind: "sleep", milliseconds: hook.sleep.seconds * 1000 };
  if (hook.tcpSocket !== undefined) {
    complaints.error("field.unsupported", `lifecycle.${kind}.tcpSocket is executed nowhere, by Kubernetes neither`, [
      ...place,
      "tcpSocket",
    ]);
    return undefined;
  }
  return questionOf(hook, sidecar, `${kind} hook`, place, complaints);
}

function questionOf(
  { exec, httpGet, tcpSocket }: Handler,
  sidecar: Sidecar,
  what: string,
  at: Place,
  complaints: Complaints,
): Question | undefined {
  if ([exec, httpGet, tcpSocket].filter((each) => each !== undefined).length > 1) {
    complaints.error("field.conflict", `a ${what} does one thing, and this one does several`, at);
    return undefined;
  }
  if (exec !== undefined) return { kind: "exec", command: exec.command ?? [] };
  if (httpGet !== undefined) {
    const port = portOf(httpGet.port, sidecar, [...at, "httpGet", "port"], complaints);
    const { scheme = "HTTP", host = "", path = "", httpHeaders = [] } = httpGet;
    if (scheme !== "HTTP" && scheme !== "HTTPS") {
      complaints.error("field.value", `scheme is HTTP or HTTPS, not ${JSON.stringify(scheme)}`, [
        ...at,
        "httpGet",
        "scheme",
      ]);
      return undefined;
    }
    if (port === undefined) return undefined;
    return {
      kind: "http",
      scheme,
      ...(host === "" ? {} : { host }),
      port,
      path: path.startsWith("/") ? path : `/${path}`,
      headers: httpHeaders,
    };
  }
  if (tcpSocket !== undefined) {
    const port = portOf(tcpSocket.port, sidecar, [...at, "tcpSocket", "port"], complaints);
    const { host = "" } = tcpSocket;
    return port === undefined ? undefined : { kind: "tcp", ...(host === "" ? {} : { host }), port };
  }
  complaints.error("field.missing", `a ${what} needs exec, httpGet or tcpSocket`, at);
  return undefined;
}

/** A number, or the name of one of the sidecar's own ports. */
function portOf(port: number | string, sidecar: Sidecar, at: Place, complaints: Complaints): number | undefined {
  const named = sidecar.ports?.find(({ name }) => name === port)?.containerPort;
  const number = named ?? (/^\d+$/u.test(String(port)) ? Number(port) : undefined);
  if (number !== undefined && number >= 1 && number <= 65535) return number;
  complaints.error(
    "field.value",
    `the sidecar has no port ${JSON.stringify(port)}`,
    at,
    "a port is a number from 1 to 65535, or the name of one listed under ports",
  );
  return undefined;
}
