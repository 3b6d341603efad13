import { isMap, type Json, type JsonObject, type KubeObject, type ManagedFields } from "./kube-object.ts";
import { mergeKeyOf } from "./kube-patch.ts";

/** A field that somebody owns: `["f:spec", "f:containers", 'k:{"name":"a"}', "f:image"]`, the words of FieldsV1. */
type Path = readonly string[];

/** Two managers want different things of one field. */
export interface Conflict {
  readonly manager: string;
  readonly field: string;
}

export interface Applied {
  readonly object: KubeObject;
  readonly conflicts: readonly Conflict[];
}

/** Server-side apply: sets what is applied, removes what this manager applied before and no longer does. */
export function serverSideApply(live: KubeObject | undefined, wanted: KubeObject, manager: string): Applied {
  const { name, namespace } = wanted.metadata;
  const base: KubeObject = live ?? { metadata: { name, ...(namespace !== undefined && { namespace }) } };
  const fields = leaves(content(wanted));
  const owners = base.metadata.managedFields ?? [];
  const others = owners.filter((owner) => !(owner.manager === manager && owner.operation === "Apply"));
  const before = owners.find((owner) => owner.manager === manager && owner.operation === "Apply");

  const conflicts = others.flatMap((owner) => {
    const theirs = new Set(pathsOf(owner.fieldsV1).map(text));
    return [...fields]
      .filter(([path, value]) => theirs.has(path) && !same(at(content(base), parse(path)), value))
      .map(([path]) => ({ manager: owner.manager, field: readable(parse(path)) }));
  });

  let result: Json = content(base);
  const ownedByOthers = new Set(others.flatMap(({ fieldsV1 }) => pathsOf(fieldsV1).map(text)));
  // The field that tells the items of a list apart goes last: without it the others are not found.
  const owned =
    before === undefined ? [] : pathsOf(before.fieldsV1).toSorted((a, b) => Number(isKey(a)) - Number(isKey(b)));
  for (const path of owned) {
    if (!fields.has(text(path)) && !ownedByOthers.has(text(path))) result = set(result, path, undefined);
  }
  for (const [path, value] of fields) result = set(result, parse(path), value);

  const lost = new Set(conflicts.map(({ field }) => field));
  const managedFields: ManagedFields[] = others
    .map((owner) => ({ ...owner, fieldsV1: tree(pathsOf(owner.fieldsV1).filter((path) => !lost.has(readable(path)))) }))
    .filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0);
  managedFields.push(entry(manager, "Apply", wanted.apiVersion, [...fields.keys()].map(parse)));
  return { object: withFields(base, result, managedFields), conflicts };
}

/** After a create, update or patch: the fields that changed belong to whoever changed them. */
export function ownChanges(before: KubeObject | undefined, after: KubeObject, manager: string): KubeObject {
  const old = before === undefined ? new Map<string, Json>() : leaves(content(before));
  const now = leaves(content(after));
  const changed = [...now].filter(([path, value]) => !same(old.get(path), value)).map(([path]) => path);
  const gone = new Set([...changed, ...[...old.keys()].filter((path) => !now.has(path))]);
  const owners = (before?.metadata.managedFields ?? [])
    .map((owner) => ({ ...owner, fieldsV1: tree(pathsOf(owner.fieldsV1).filter((path) => !gone.has(text(path)))) }))
    .filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0);
  const own = owners.find((owner) => owner.manager === manager && owner.operation === "Update");
  const paths = [...(own === undefined ? [] : pathsOf(own.fieldsV1)), ...changed.map(parse)];
  const rest = owners.filter((owner) => owner !== own);
  const managedFields = paths.length === 0 ? rest : [...rest, entry(manager, "Update", after.apiVersion, paths)];
  return { ...after, metadata: { ...after.metadata, managedFields } };
}

const entry = (
  manager: string,
  operation: ManagedFields["operation"],
  apiVersion: string | undefined,
  paths: readonly Path[],
): ManagedFields => ({
  manager,
  operation,
  ...(apiVersion !== undefined && { apiVersion }),
  fieldsType: "FieldsV1",
  fieldsV1: tree(paths),
});

/** What can be owned: everything but the identity of the object and what the server keeps about it. */
function content({ apiVersion, kind, metadata, ...rest }: KubeObject): JsonObject {
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const owned = JSON.parse(JSON.stringify({ labels, annotations, finalizers, ownerReferences })) as JsonObject;
  return { ...(rest as JsonObject), ...(Object.keys(owned).length > 0 && { metadata: owned }) };
}

function withFields(base: KubeObject, result: Json, managedFields: readonly ManagedFields[]): KubeObject {
  const { metadata = {}, ...rest } = isMap(result) ? result : {};
  const { labels: _l, annotations: _a, finalizers: _f, ownerReferences: _o, ...kept } = base.metadata;
  const identity = { ...(base.apiVersion !== undefined && { apiVersion: base.apiVersion, kind: base.kind ?? "" }) };
  return { ...identity, ...rest, metadata: { ...kept, ...(metadata as object), managedFields } };
}

/** Every field that holds a value, by its path as text. A list whose items have a key is a map; any other is one value. */
function leaves(value: Json, path: Path = [], field = ""): Map<string, Json> {
  const keys = keysOf(field, value);
  const inside: (readonly [string, Json, string])[] = isMap(value)
    ? Object.entries(value).map(([name, item]) => [`f:${name}`, item, name] as const)
    : keys !== undefined && Array.isArray(value)
      ? value.map((item: Json) => [`k:${JSON.stringify(keyOf(item, keys))}`, item, ""] as const)
      : [];
  if (inside.length === 0) return path.length === 0 ? new Map() : new Map([[text(path), value]]);
  return new Map(inside.flatMap(([word, item, name]) => [...leaves(item, [...path, word], name)]));
}

/** Unlike a strategic merge patch, an apply tells ports of one number apart by their protocol. */
function keysOf(field: string, value: Json): readonly string[] | undefined {
  const key = mergeKeyOf(field, value);
  return key === undefined ? undefined : field === "ports" ? [key, "protocol"] : [key];
}

const keyOf = (item: Json, keys: readonly string[]): JsonObject =>
  Object.fromEntries(keys.map((key) => [key, isMap(item) ? (item[key] ?? standing(key)) : null]));

/** What the server takes a key for that nobody has given. */
const standing = (key: string): Json => (key === "protocol" ? "TCP" : null);

function at(value: Json | undefined, [word, ...rest]: Path): Json | undefined {
  if (word === undefined || value === undefined) return value;
  if (word.startsWith("f:")) return isMap(value) ? at(value[word.slice(2)], rest) : undefined;
  return Array.isArray(value)
    ? at(
        value.find((item) => hasKey(item, word)),
        rest,
      )
    : undefined;
}

/** A copy with one field set, or removed together with what is empty around it. */
function set(value: Json | undefined, [word, ...rest]: Path, to: Json | undefined): Json {
  if (word === undefined) return to ?? null;
  if (word.startsWith("k:")) {
    const list = Array.isArray(value) ? [...value] : [];
    const index = list.findIndex((item) => hasKey(item, word));
    const item = index < 0 ? (JSON.parse(word.slice(2)) as Json) : list[index];
    if (to === undefined && index < 0) return list;
    const next = set(item, rest, to);
    const isEmpty =
      to === undefined && isMap(next) && Object.entries(next).every(([key, left]) => standing(key) === left);
    list.splice(index < 0 ? list.length : index, index < 0 ? 0 : 1, ...(isEmpty ? [] : [next]));
    return list;
  }
  const name = word.slice(2);
  const map: Record<string, Json> = isMap(value) ? { ...value } : {};
  if (to !== undefined) map[name] = set(map[name], rest, to);
  else if (name in map) {
    const next = rest.length === 0 ? undefined : set(map[name], rest, undefined);
    if (next === undefined || (typeof next === "object" && next !== null && Object.keys(next).length === 0))
      delete map[name];
    else map[name] = next;
  }
  return map;
}

function hasKey(item: Json, word: string): boolean {
  const keys = JSON.parse(word.slice(2)) as JsonObject;
  return isMap(item) && Object.entries(keys).every(([key, value]) => (item[key] ?? standing(key)) === value);
}

const isKey = (path: Path): boolean => {
  const [item = "", field = ""] = path.slice(-2);
  return item.startsWith("k:") && field.slice(2) in (JSON.parse(item.slice(2)) as JsonObject);
};

function tree(paths: readonly Path[]): JsonObject {
  const root: Record<string, Json> = {};
  for (const path of paths) {
    let place = root;
    for (const word of path) {
      const next = place[word];
      const child = isMap(next) ? next : {};
      place[word] = child;
      place = child;
    }
  }
  return root;
}

function pathsOf(fields: JsonObject, path: Path = []): readonly Path[] {
  const inside = Object.entries(fields);
  if (inside.length === 0) return path.length === 0 ? [] : [path];
  return inside.flatMap(([word, child]) => pathsOf(isMap(child) ? child : {}, [...path, word]));
}

const text = (path: Path): string => JSON.stringify(path);
const parse = (path: string): Path => JSON.parse(path) as Path;
const same = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

/** `.spec.containers[name="a"].image`, as the API server names a field. */
const readable = (path: Path): string =>
  path
    .map((word) => {
      if (word.startsWith("f:")) return `.${word.slice(2)}`;
      const keys = Object.entries(JSON.parse(word.slice(2)) as JsonObject);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(",")}]`;
    })
    .join("");
