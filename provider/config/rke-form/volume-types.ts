import { flag, list, map, number, pointer, quantity, struct, text } from "./go-type.ts";
import { objectMeta } from "./kubernetes-types.ts";
import {
  configMapVolume,
  localObjectReference,
  objectFieldSelector,
  projectedKeys,
  resourceFieldSelector,
  secretVolume,
} from "./pod-types.ts";

/** Volumes of pods, as in Kubernetes 1.32. */

const disk = { "fsType?": text, "readOnly?": flag };
const secretRef = { "secretRef?": pointer(localObjectReference) };

const labelSelector = struct({
  "matchLabels?": map(text),
  "matchExpressions?": list(struct({ key: text, operator: text, "values?": list(text) })),
});

const downwardItems = list(
  struct({
    path: text,
    "fieldRef?": pointer(objectFieldSelector),
    "resourceFieldRef?": pointer(resourceFieldSelector),
    "mode?": pointer(number),
  }),
);

const projection = struct({
  "secret?": pointer(projectedKeys),
  "downwardAPI?": pointer(struct({ "items?": downwardItems })),
  "configMap?": pointer(projectedKeys),
  "serviceAccountToken?": pointer(struct({ "audience?": text, "expirationSeconds?": pointer(number), path: text })),
  "clusterTrustBundle?": pointer(
    struct({
      "name?": pointer(text),
      "signerName?": pointer(text),
      "labelSelector?": pointer(labelSelector),
      "optional?": pointer(flag),
      path: text,
    }),
  ),
});

const typedReference = { apiGroup: pointer(text), kind: text, name: text };

const claimSpec = struct({
  "accessModes?": list(text),
  "selector?": pointer(labelSelector),
  "resources?": struct({ "limits?": map(quantity), "requests?": map(quantity) }),
  "volumeName?": text,
  "storageClassName?": pointer(text),
  "volumeMode?": pointer(text),
  "dataSource?": pointer(struct(typedReference)),
  "dataSourceRef?": pointer(struct({ ...typedReference, "namespace?": pointer(text) })),
  "volumeAttributesClassName?": pointer(text),
});

const claimTemplate = struct({ "metadata?": objectMeta, spec: claimSpec }, { metadata: "ObjectMeta" });

const iscsi = struct(
  {
    targetPortal: text,
    iqn: text,
    lun: number,
    "iscsiInterface?": text,
    ...disk,
    "portals?": list(text),
    "chapAuthDiscovery?": flag,
    "chapAuthSession?": flag,
    ...secretRef,
    "initiatorName?": pointer(text),
  },
  { chapAuthDiscovery: "DiscoveryCHAPAuth", chapAuthSession: "SessionCHAPAuth" },
);

const rbd = struct(
  { monitors: list(text), image: text, ...disk, "pool?": text, "user?": text, "keyring?": text, ...secretRef },
  { monitors: "CephMonitors", image: "RBDImage", pool: "RBDPool", user: "RadosUser" },
);

const azureDisk = struct(
  {
    diskName: text,
    diskURI: text,
    "cachingMode?": pointer(text),
    "fsType?": pointer(text),
    "readOnly?": pointer(flag),
    "kind?": pointer(text),
  },
  { diskURI: "DataDiskURI" },
);

const scaleIo = struct({
  gateway: text,
  system: text,
  secretRef: pointer(localObjectReference),
  "sslEnabled?": flag,
  "protectionDomain?": text,
  "storagePool?": text,
  "storageMode?": text,
  "volumeName?": text,
  ...disk,
});

const csi = struct({
  driver: text,
  "readOnly?": pointer(flag),
  "fsType?": pointer(text),
  "volumeAttributes?": map(text),
  "nodePublishSecretRef?": pointer(localObjectReference),
});

const volumeSource = struct({
  "hostPath?": pointer(struct({ path: text, "type?": pointer(text) })),
  "emptyDir?": pointer(struct({ "medium?": text, "sizeLimit?": pointer(quantity) })),
  "gcePersistentDisk?": pointer(struct({ pdName: text, "partition?": number, ...disk })),
  "awsElasticBlockStore?": pointer(struct({ volumeID: text, "partition?": number, ...disk })),
  "gitRepo?": pointer(struct({ repository: text, "revision?": text, "directory?": text })),
  "secret?": pointer(secretVolume),
  "nfs?": pointer(struct({ server: text, path: text, "readOnly?": flag })),
  "iscsi?": pointer(iscsi),
  "glusterfs?": pointer(struct({ endpoints: text, path: text, "readOnly?": flag }, { endpoints: "EndpointsName" })),
  "persistentVolumeClaim?": pointer(struct({ claimName: text, "readOnly?": flag })),
  "rbd?": pointer(rbd),
  "flexVolume?": pointer(struct({ driver: text, ...disk, ...secretRef, "options?": map(text) })),
  "cinder?": pointer(struct({ volumeID: text, ...disk, ...secretRef })),
  "cephfs?": pointer(
    struct({
      monitors: list(text),
      "path?": text,
      "user?": text,
      "secretFile?": text,
      ...secretRef,
      "readOnly?": flag,
    }),
  ),
  "flocker?": pointer(struct({ "datasetName?": text, "datasetUUID?": text })),
  "downwardAPI?": pointer(struct({ "items?": downwardItems, "defaultMode?": pointer(number) })),
  "fc?": pointer(struct({ "targetWWNs?": list(text), "lun?": pointer(number), ...disk, "wwids?": list(text) })),
  "azureFile?": pointer(struct({ secretName: text, shareName: text, "readOnly?": flag })),
  "configMap?": pointer(configMapVolume),
  "vsphereVolume?": pointer(
    struct({ volumePath: text, "fsType?": text, "storagePolicyName?": text, "storagePolicyID?": text }),
  ),
  "quobyte?": pointer(
    struct({ registry: text, volume: text, "readOnly?": flag, "user?": text, "group?": text, "tenant?": text }),
  ),
  "azureDisk?": pointer(azureDisk),
  "photonPersistentDisk?": pointer(struct({ pdID: text, "fsType?": text })),
  "projected?": pointer(struct({ sources: list(projection), "defaultMode?": pointer(number) })),
  "portworxVolume?": pointer(struct({ volumeID: text, ...disk })),
  "scaleIO?": pointer(scaleIo),
  "storageos?": pointer(struct({ "volumeName?": text, "volumeNamespace?": text, ...disk, ...secretRef })),
  "csi?": pointer(csi),
  "ephemeral?": pointer(struct({ "volumeClaimTemplate?": pointer(claimTemplate) })),
  "image?": pointer(struct({ "reference?": text, "pullPolicy?": text })),
});

export const volume = struct({ name: text, "...VolumeSource": volumeSource });
