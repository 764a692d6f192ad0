import {
  anyObject,
  boolean,
  int32,
  integer,
  intOrText,
  list,
  object,
  quantities,
  quantity,
  ref,
  text,
  textMap,
  texts,
  time,
  type Schema,
} from "./dsl.ts";
import { affinity, toleration, topologySpreadConstraint } from "./scheduling.ts";

const localName = object({ name: text });
const fieldRef = object({ apiVersion: text, "fieldPath!": text });
const resourceFieldRef = object({ containerName: text, "resource!": text, divisor: quantity });
const keySelector = object({ name: text, "key!": text, optional: boolean });
const seLinuxOptions = object({ user: text, role: text, type: text, level: text });
const profile = object({ "type!": text, localhostProfile: text });
const windowsOptions = object({
  gmsaCredentialSpecName: text,
  gmsaCredentialSpec: text,
  runAsUserName: text,
  hostProcess: boolean,
});
const httpGet = object({
  path: text,
  "port!": intOrText,
  host: text,
  scheme: text,
  httpHeaders: list(object({ "name!": text, "value!": text })),
});
const tcpSocket = object({ "port!": intOrText, host: text });
const exec = object({ command: texts });
const handler = object({ exec, httpGet, tcpSocket, sleep: object({ "seconds!": integer }) });

/** The parts of Kubernetes' core/v1 that Tekton's kinds contain (k8s.io/api/core/v1/types.go). */
export const coreSchemas: Readonly<Record<string, Schema>> = {
  ObjectMeta: object({
    name: text,
    generateName: text,
    namespace: text,
    uid: text,
    labels: textMap,
    annotations: textMap,
    creationTimestamp: time,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: integer,
    finalizers: texts,
    generation: integer,
    managedFields: list(anyObject),
    ownerReferences: list(anyObject),
    resourceVersion: text,
    selfLink: text,
  }),
  EnvVar: object({
    "name!": text,
    value: text,
    valueFrom: object({
      secretKeyRef: keySelector,
      configMapKeyRef: keySelector,
      fieldRef,
      resourceFieldRef,
      fileKeyRef: object({ "volumeName!": text, "path!": text, "key!": text, optional: boolean }),
    }),
  }),
  EnvFromSource: object({
    prefix: text,
    configMapRef: object({ name: text, optional: boolean }),
    secretRef: object({ name: text, optional: boolean }),
  }),
  VolumeMount: object({
    "name!": text,
    "mountPath!": text,
    subPath: text,
    subPathExpr: text,
    readOnly: boolean,
    mountPropagation: text,
    recursiveReadOnly: text,
  }),
  VolumeDevice: object({ "name!": text, "devicePath!": text }),
  ResourceRequirements: object({
    limits: quantities,
    requests: quantities,
    claims: list(object({ "name!": text, request: text })),
  }),
  SecurityContext: object({
    privileged: boolean,
    runAsUser: integer,
    runAsGroup: integer,
    runAsNonRoot: boolean,
    readOnlyRootFilesystem: boolean,
    allowPrivilegeEscalation: boolean,
    capabilities: object({ add: texts, drop: texts }),
    seccompProfile: profile,
    appArmorProfile: profile,
    procMount: text,
    seLinuxOptions,
    windowsOptions,
  }),
  PodSecurityContext: object({
    runAsUser: integer,
    runAsGroup: integer,
    runAsNonRoot: boolean,
    fsGroup: integer,
    fsGroupChangePolicy: text,
    supplementalGroups: list(integer),
    supplementalGroupsPolicy: text,
    sysctls: list(object({ "name!": text, "value!": text })),
    seccompProfile: profile,
    appArmorProfile: profile,
    seLinuxOptions,
    seLinuxChangePolicy: text,
    windowsOptions,
  }),
  Probe: object({
    exec,
    httpGet,
    tcpSocket,
    grpc: object({ "port!": int32, service: text }),
    initialDelaySeconds: int32,
    timeoutSeconds: int32,
    periodSeconds: int32,
    successThreshold: int32,
    failureThreshold: int32,
    terminationGracePeriodSeconds: integer,
  }),
  Lifecycle: object({ postStart: handler, preStop: handler, stopSignal: text }),
  ContainerPort: object({ name: text, "containerPort!": int32, protocol: text, hostPort: int32, hostIP: text }),
  PodTemplate: object({
    nodeSelector: textMap,
    env: list(ref("EnvVar")),
    tolerations: list(toleration),
    affinity,
    securityContext: ref("PodSecurityContext"),
    volumes: list(ref("Volume")),
    runtimeClassName: text,
    automountServiceAccountToken: boolean,
    dnsPolicy: text,
    dnsConfig: object({
      nameservers: texts,
      searches: texts,
      options: list(object({ name: text, value: text })),
    }),
    enableServiceLinks: boolean,
    priorityClassName: text,
    schedulerName: text,
    imagePullSecrets: list(localName),
    hostAliases: list(object({ "ip!": text, hostnames: texts })),
    hostNetwork: boolean,
    hostUsers: boolean,
    topologySpreadConstraints: list(topologySpreadConstraint),
  }),
};
