import { isMap, type Json } from "./kube-object.ts";

/** JSON merge patch (RFC 7386): null removes, lists are replaced whole. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  return merge(target, patch, () => undefined);
}

/** Strategic merge patch: as a merge patch, but lists of things with a key are merged by it, `$patch: delete` removes. */
export function strategicPatch(target: Json | undefined, patch: Json): Json {
  return merge(target, patch, mergeKeyOf);
}

function merge(target: Json | undefined, patch: Json, keyOf: (field: string, list: Json) => string | undefined): Json {
  if (!isMap(patch)) return patch;
  const merged: Record<string, Json> = isMap(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith("$")) continue;
    const current = merged[field];
    const key = keyOf(field, value);
    if (value === null) delete merged[field];
    else if (key !== undefined) merged[field] = mergeLists(asList(current), asList(value), key, keyOf);
    else merged[field] = merge(current, value, keyOf);
  }
  return merged;
}

function mergeLists(
  current: readonly Json[],
  patch: readonly Json[],
  key: string,
  keyOf: (field: string, list: Json) => string | undefined,
): readonly Json[] {
  const merged = [...current];
  for (const item of patch) {
    if (!isMap(item)) continue;
    const at = merged.findIndex((other) => isMap(other) && other[key] === item[key]);
    if (item.$patch === "delete") {
      if (at >= 0) merged.splice(at, 1);
    } else if (at >= 0) merged[at] = merge(merged[at], item, keyOf);
    else merged.push(item);
  }
  return merged;
}

/** By which field Kubernetes tells the items of a list apart; lists that are not here are one value. */
export function mergeKeyOf(field: string, list: Json): string | undefined {
  if (!Array.isArray(list) || !list.every(isMap)) return undefined;
  return { ports: portKey(list), ...mergeKeys }[field];
}

const mergeKeys: Readonly<Record<string, string>> = {
  conditions: "type",
  addresses: "type",
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  imagePullSecrets: "name",
  ownerReferences: "uid",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
};

const portKey = (list: readonly Json[]): string | undefined =>
  list.some((item) => isMap(item) && "containerPort" in item) ? "containerPort" : "port";

const asList = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
