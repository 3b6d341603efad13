import { createHash } from "node:crypto";

/** The name under which we apply objects: what we have set, the API server notes down as ours. */
export const fieldManager = "pulumi-rke";

/**
 * A digest of the fields of an object that are ours, with their values. Whoever changes one of them takes it over, so that
 * it is not ours any more; what others add beside them does not count. Undefined where nothing is ours.
 */
export function ownedDigest(object: unknown): string | undefined {
  const ours = managersOf(object).find(({ manager, operation }) => manager === fieldManager && operation === "Apply");
  if (ours === undefined) return undefined;
  const fields = ours.fieldsV1 ?? {};
  // An object that has nothing but its name has nothing that could be changed.
  const owned = Object.keys(fields).length === 0 ? [] : ownedPart(object, fields);
  return createHash("sha256")
    .update(JSON.stringify(sorted(owned)))
    .digest("hex")
    .slice(0, 16);
}

/** Whether we have ever applied an object. */
export const isOurs = (object: unknown): boolean => managersOf(object).some(({ manager }) => manager === fieldManager);

interface Managed {
  readonly manager?: unknown;
  readonly operation?: unknown;
  readonly fieldsV1?: Fields;
}

interface Fields {
  readonly [word: string]: Fields;
}

function managersOf(object: unknown): readonly Managed[] {
  const metadata = isMap(object) ? object.metadata : undefined;
  const list = isMap(metadata) ? metadata.managedFields : undefined;
  return Array.isArray(list) ? (list as readonly Managed[]) : [];
}

/** Follows the words of FieldsV1: `f:` a field, `k:` an item by its keys, `v:` an item by its value, `.` the thing itself. */
function ownedPart(value: unknown, fields: Fields): unknown {
  const words = Object.keys(fields).filter((word) => word !== ".");
  if (words.length === 0) return value ?? null;
  return words.map((word) => {
    const below = fields[word] ?? {};
    if (word.startsWith("f:")) return [word, ownedPart(isMap(value) ? value[word.slice(2)] : undefined, below)];
    if (word.startsWith("k:")) return [word, ownedPart(itemBy(value, JSON.parse(word.slice(2))), below)];
    return word;
  });
}

function itemBy(list: unknown, keys: Readonly<Record<string, unknown>>): unknown {
  if (!Array.isArray(list)) return undefined;
  return list.find((item) => isMap(item) && Object.entries(keys).every(([key, value]) => item[key] === value));
}

/** Without the order in which the server happens to write things down. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(sorted);
    const arePairs = items.every((item) => Array.isArray(item) && typeof item[0] === "string");
    return arePairs ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
