import {
  anyObject,
  anything,
  boolean,
  integer,
  intOrText,
  lenient,
  list,
  object,
  quantities,
  quantity,
  ref,
  text,
  textMap,
  texts,
  type Schema,
} from "./dsl.ts";

const localName = object({ name: text });
const items = list(object({ "key!": text, "path!": text, mode: integer }));
const fieldRef = object({ apiVersion: text, "fieldPath!": text });
const resourceFieldRef = object({ containerName: text, "resource!": text, divisor: quantity });
const keySelector = object({ name: text, "key!": text, optional: boolean });
const downwardItems = list(object({ "path!": text, fieldRef, resourceFieldRef, mode: integer }));
const configMapSource = object({ name: text, items, defaultMode: integer, optional: boolean });
const secretSource = object({ secretName: text, items, defaultMode: integer, optional: boolean });
const namedSource = object({ name: text, items, optional: boolean });
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
    creationTimestamp: text,
    deletionTimestamp: text,
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
      fileKeyRef: anyObject,
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
  PodSecurityContext: lenient({
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
    grpc: object({ "port!": integer, service: text }),
    initialDelaySeconds: integer,
    timeoutSeconds: integer,
    periodSeconds: integer,
    successThreshold: integer,
    failureThreshold: integer,
    terminationGracePeriodSeconds: integer,
  }),
  Lifecycle: object({ postStart: handler, preStop: handler, stopSignal: text }),
  ContainerPort: object({ name: text, "containerPort!": integer, protocol: text, hostPort: integer, hostIP: text }),
  EmptyDirVolumeSource: object({ medium: text, sizeLimit: quantity }),
  ConfigMapVolumeSource: configMapSource,
  SecretVolumeSource: secretSource,
  PersistentVolumeClaimVolumeSource: object({ claimName: text, readOnly: boolean }),
  ProjectedVolumeSource: object({
    defaultMode: integer,
    sources: list(
      object({
        secret: namedSource,
        configMap: namedSource,
        downwardAPI: object({ items: downwardItems }),
        serviceAccountToken: object({ audience: text, expirationSeconds: integer, "path!": text }),
        clusterTrustBundle: anyObject,
        podCertificate: anyObject,
      }),
    ),
  }),
  CSIVolumeSource: object({
    driver: text,
    readOnly: boolean,
    fsType: text,
    volumeAttributes: textMap,
    nodePublishSecretRef: localName,
  }),
  Volume: lenient({
    name: text,
    emptyDir: ref("EmptyDirVolumeSource"),
    configMap: ref("ConfigMapVolumeSource"),
    secret: ref("SecretVolumeSource"),
    projected: ref("ProjectedVolumeSource"),
    persistentVolumeClaim: ref("PersistentVolumeClaimVolumeSource"),
    hostPath: object({ "path!": text, type: text }),
    downwardAPI: object({ items: downwardItems, defaultMode: integer }),
    csi: ref("CSIVolumeSource"),
    gitRepo: object({ "repository!": text, revision: text, directory: text }),
    nfs: object({ "server!": text, "path!": text, readOnly: boolean }),
    ...Object.fromEntries(remoteSources().map((name) => [name, anyObject])),
  }),
  PersistentVolumeClaim: lenient({
    apiVersion: text,
    kind: text,
    metadata: ref("ObjectMeta"),
    spec: lenient({
      accessModes: texts,
      selector: anyObject,
      resources: object({ limits: quantities, requests: quantities, claims: list(anything) }),
      volumeName: text,
      storageClassName: text,
      volumeMode: text,
      dataSource: anyObject,
      dataSourceRef: anyObject,
      volumeAttributesClassName: text,
    }),
    status: anything,
  }),
  PodTemplate: object({
    nodeSelector: textMap,
    env: list(ref("EnvVar")),
    tolerations: list(anyObject),
    affinity: anyObject,
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
    topologySpreadConstraints: list(anyObject),
  }),
};

/** Sources that only a cluster can serve: their own fields are left to it. */
function remoteSources(): readonly string[] {
  return [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "image",
    "iscsi",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
  ];
}
