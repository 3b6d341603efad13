import { flag, list, number, pointer, quantity, struct, text } from "./go-type.ts";

/** Parts of pods, as in Kubernetes 1.32. */

export const localObjectReference = struct({ "name?": text });

export const objectFieldSelector = struct({ "apiVersion?": text, fieldPath: text });

export const resourceFieldSelector = struct({ "containerName?": text, resource: text, "divisor?": quantity });

const keySelector = struct({
  "...LocalObjectReference": localObjectReference,
  key: text,
  "optional?": pointer(flag),
});

export const envVar = struct({
  name: text,
  "value?": text,
  "valueFrom?": pointer(
    struct({
      "fieldRef?": pointer(objectFieldSelector),
      "resourceFieldRef?": pointer(resourceFieldSelector),
      "configMapKeyRef?": pointer(keySelector),
      "secretKeyRef?": pointer(keySelector),
    }),
  ),
});

export const volumeMount = struct({
  name: text,
  "readOnly?": flag,
  "recursiveReadOnly?": pointer(text),
  mountPath: text,
  "subPath?": text,
  "mountPropagation?": pointer(text),
  "subPathExpr?": text,
});

const keyToPath = struct({ key: text, path: text, "mode?": pointer(number) });

/** Entries of a ConfigMap or a Secret that become files. */
export const projectedKeys = struct({
  "...LocalObjectReference": localObjectReference,
  "items?": list(keyToPath),
  "optional?": pointer(flag),
});

export const secretVolume = struct({
  "secretName?": text,
  "items?": list(keyToPath),
  "defaultMode?": pointer(number),
  "optional?": pointer(flag),
});

export const configMapVolume = struct({
  "...LocalObjectReference": localObjectReference,
  "items?": list(keyToPath),
  "defaultMode?": pointer(number),
  "optional?": pointer(flag),
});
