import {
  duration,
  flag,
  intOrText,
  list,
  map,
  number,
  pointer,
  rawBytes,
  rawObject,
  struct,
  text,
  time,
} from "./go-type.ts";

/** Types of Kubernetes 1.32, which RKE 1.8 is built with. */

const typeMeta = struct({ "kind?": text, "apiVersion?": text });

const ownerReference = struct({
  apiVersion: text,
  kind: text,
  name: text,
  uid: text,
  "controller?": pointer(flag),
  "blockOwnerDeletion?": pointer(flag),
});

const managedFieldsEntry = struct({
  "manager?": text,
  "operation?": text,
  "apiVersion?": text,
  "time?": pointer(time),
  "fieldsType?": text,
  "fieldsV1?": pointer(rawBytes),
  "subresource?": text,
});

export const objectMeta = struct({
  "name?": text,
  "generateName?": text,
  "namespace?": text,
  "selfLink?": text,
  "uid?": text,
  "resourceVersion?": text,
  "generation?": number,
  "creationTimestamp?": time,
  "deletionTimestamp?": pointer(time),
  "deletionGracePeriodSeconds?": pointer(number),
  "labels?": map(text),
  "annotations?": map(text),
  "ownerReferences?": list(ownerReference),
  "finalizers?": list(text),
  "managedFields?": list(managedFieldsEntry),
});

const policyRule = struct({
  level: text,
  "users?": list(text),
  "userGroups?": list(text),
  "verbs?": list(text),
  "resources?": list(struct({ "group?": text, "resources?": list(text), "resourceNames?": list(text) })),
  "namespaces?": list(text),
  "nonResourceURLs?": list(text),
  "omitStages?": list(text),
  "omitManagedFields?": pointer(flag),
});

export const auditPolicy = struct(
  {
    "...TypeMeta": typeMeta,
    "metadata?": objectMeta,
    rules: list(policyRule),
    "omitStages?": list(text),
    "omitManagedFields?": flag,
  },
  { metadata: "ObjectMeta" },
);

export const admissionConfiguration = struct({
  "...TypeMeta": typeMeta,
  plugins: list(struct({ name: text, path: text, configuration: pointer(rawObject) })),
});

export const eventRateLimitConfiguration = struct({
  "...TypeMeta": typeMeta,
  limits: list(struct({ type: text, qps: number, burst: number, "cacheSize?": number })),
});

const keys = struct({ keys: list(struct({ name: text, secret: text })) });

const encryptionProvider = struct({
  "aesgcm?": pointer(keys),
  "aescbc?": pointer(keys),
  "secretbox?": pointer(keys),
  "identity?": pointer(struct({})),
  "kms?": pointer(
    struct({
      apiVersion: text,
      name: text,
      "cachesize?": pointer(number),
      endpoint: text,
      "timeout?": pointer(duration),
    }),
  ),
});

export const encryptionConfiguration = struct({
  "...TypeMeta": typeMeta,
  resources: list(struct({ resources: list(text), providers: list(encryptionProvider) })),
});

export const toleration = struct({
  "key?": text,
  "operator?": text,
  "value?": text,
  "effect?": text,
  "tolerationSeconds?": pointer(number),
});

/** Of a Deployment or a DaemonSet: RKE gives both the same form. */
export const updateStrategy = struct({
  "strategy?": text,
  "rollingUpdate?": pointer(struct({ "maxUnavailable?": pointer(intOrText), "maxSurge?": pointer(intOrText) })),
});
