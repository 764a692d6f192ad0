import {
  boolean,
  int32,
  integer,
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
import { fieldRef, localName, resourceFieldRef } from "./named-objects.ts";
import { labelSelector } from "./scheduling.ts";

const items = list(object({ "key!": text, "path!": text, mode: int32 }));
const downwardItems = list(object({ "path!": text, fieldRef, resourceFieldRef, mode: int32 }));
const namedSource = object({ name: text, items, optional: boolean });
const typedReference = { apiGroup: text, "kind!": text, "name!": text };

const claimSpec = object({
  accessModes: texts,
  selector: labelSelector,
  resources: object({ limits: quantities, requests: quantities }),
  volumeName: text,
  storageClassName: text,
  volumeMode: text,
  dataSource: object(typedReference),
  dataSourceRef: object({ ...typedReference, namespace: text }),
  volumeAttributesClassName: text,
});

const claimStatus = object({
  phase: text,
  accessModes: texts,
  capacity: quantities,
  conditions: list(
    object({
      "type!": text,
      "status!": text,
      lastProbeTime: time,
      lastTransitionTime: time,
      reason: text,
      message: text,
    }),
  ),
  allocatedResources: quantities,
  allocatedResourceStatuses: textMap,
  currentVolumeAttributesClassName: text,
  modifyVolumeStatus: object({ targetVolumeAttributesClassName: text, "status!": text }),
});

/** Sources that only a cluster can serve. */
const remoteSources: Readonly<Record<string, Schema>> = {
  awsElasticBlockStore: object({ "volumeID!": text, fsType: text, partition: int32, readOnly: boolean }),
  azureDisk: object({
    "diskName!": text,
    "diskURI!": text,
    cachingMode: text,
    fsType: text,
    readOnly: boolean,
    kind: text,
  }),
  azureFile: object({ "secretName!": text, "shareName!": text, readOnly: boolean }),
  cephfs: object({
    "monitors!": texts,
    path: text,
    user: text,
    secretFile: text,
    secretRef: localName,
    readOnly: boolean,
  }),
  cinder: object({ "volumeID!": text, fsType: text, readOnly: boolean, secretRef: localName }),
  ephemeral: object({ volumeClaimTemplate: object({ metadata: ref("ObjectMeta"), spec: claimSpec }) }),
  fc: object({ targetWWNs: texts, lun: int32, fsType: text, readOnly: boolean, wwids: texts }),
  flexVolume: object({ "driver!": text, fsType: text, secretRef: localName, readOnly: boolean, options: textMap }),
  flocker: object({ datasetName: text, datasetUUID: text }),
  gcePersistentDisk: object({ "pdName!": text, fsType: text, partition: int32, readOnly: boolean }),
  glusterfs: object({ "endpoints!": text, "path!": text, readOnly: boolean }),
  image: object({ reference: text, pullPolicy: text }),
  iscsi: object({
    "targetPortal!": text,
    "iqn!": text,
    "lun!": int32,
    iscsiInterface: text,
    fsType: text,
    readOnly: boolean,
    portals: texts,
    chapAuthDiscovery: boolean,
    chapAuthSession: boolean,
    secretRef: localName,
    initiatorName: text,
  }),
  photonPersistentDisk: object({ "pdID!": text, fsType: text }),
  portworxVolume: object({ "volumeID!": text, fsType: text, readOnly: boolean }),
  quobyte: object({
    "registry!": text,
    "volume!": text,
    readOnly: boolean,
    user: text,
    group: text,
    tenant: text,
  }),
  rbd: object({
    "monitors!": texts,
    "image!": text,
    fsType: text,
    pool: text,
    user: text,
    keyring: text,
    secretRef: localName,
    readOnly: boolean,
  }),
  scaleIO: object({
    "gateway!": text,
    "system!": text,
    "secretRef!": localName,
    sslEnabled: boolean,
    protectionDomain: text,
    storagePool: text,
    storageMode: text,
    volumeName: text,
    fsType: text,
    readOnly: boolean,
  }),
  storageos: object({
    volumeName: text,
    volumeNamespace: text,
    fsType: text,
    readOnly: boolean,
    secretRef: localName,
  }),
  vsphereVolume: object({ "volumePath!": text, fsType: text, storagePolicyName: text, storagePolicyID: text }),
};

/** What can be mounted into a Pod (k8s.io/api/core/v1/types.go). */
export const volumeSchemas: Readonly<Record<string, Schema>> = {
  EmptyDirVolumeSource: object({ medium: text, sizeLimit: quantity }),
  ConfigMapVolumeSource: object({ name: text, items, defaultMode: int32, optional: boolean }),
  SecretVolumeSource: object({ secretName: text, items, defaultMode: int32, optional: boolean }),
  PersistentVolumeClaimVolumeSource: object({ claimName: text, readOnly: boolean }),
  ProjectedVolumeSource: object({
    defaultMode: int32,
    sources: list(
      object({
        secret: namedSource,
        configMap: namedSource,
        downwardAPI: object({ items: downwardItems }),
        serviceAccountToken: object({ audience: text, expirationSeconds: integer, "path!": text }),
        clusterTrustBundle: object({
          name: text,
          signerName: text,
          labelSelector,
          optional: boolean,
          "path!": text,
        }),
        podCertificate: object({
          "signerName!": text,
          "keyType!": text,
          maxExpirationSeconds: int32,
          credentialBundlePath: text,
          keyPath: text,
          certificateChainPath: text,
          userAnnotations: textMap,
        }),
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
  Volume: object({
    name: text,
    emptyDir: ref("EmptyDirVolumeSource"),
    configMap: ref("ConfigMapVolumeSource"),
    secret: ref("SecretVolumeSource"),
    projected: ref("ProjectedVolumeSource"),
    persistentVolumeClaim: ref("PersistentVolumeClaimVolumeSource"),
    hostPath: object({ "path!": text, type: text }),
    downwardAPI: object({ items: downwardItems, defaultMode: int32 }),
    csi: ref("CSIVolumeSource"),
    gitRepo: object({ "repository!": text, revision: text, directory: text }),
    nfs: object({ "server!": text, "path!": text, readOnly: boolean }),
    ...remoteSources,
  }),
  PersistentVolumeClaim: object({
    apiVersion: text,
    kind: text,
    metadata: ref("ObjectMeta"),
    spec: claimSpec,
    status: claimStatus,
  }),
};
