import { z } from "zod";

import { nearestName } from "../nearest-name.ts";
import { quoted } from "../quoted.ts";
import { type Naming, unwrapped, yamlKey } from "../schema/naming.ts";

/** A key of a block: its TypeScript name, what it takes, and whether it is a secret. */
interface KnownKey {
  readonly name: string;
  readonly schema: z.core.$ZodType;
  readonly naming: Naming;
}

/** The keys of a block by the spelling they have in cluster.yml. */
export function knownKeys(block: z.ZodObject): ReadonlyMap<string, KnownKey> {
  const cached = cache.get(block);
  if (cached !== undefined) return cached;
  const keys = new Map<string, KnownKey>();
  for (const [name, value] of Object.entries(block.shape)) {
    const { schema, naming } = unwrapped(value);
    keys.set(yamlKey(block, name, naming), { name, schema, naming });
  }
  cache.set(block, keys);
  return keys;
}

/** What to say about a key that the block does not have. */
export function unknownKeyReason(key: string, block: z.ZodObject): string {
  const known = [...knownKeys(block).keys()];
  const removed = removedKeys.get(key);
  if (removed !== undefined) return `Unknown key ${quoted(key)}: ${removed}`;
  const alias = otherNames.get(key);
  const meant = alias !== undefined && known.includes(alias) ? alias : nearestName(key, known);
  return meant === undefined
    ? `Unknown key ${quoted(key)}: it has no effect`
    : `Unknown key ${quoted(key)}: did you mean "${meant}"?`;
}

/** The names of an argument's parts as cluster.yml spells them: `services.kube-api` for `services.kubeApi`. */
export function yamlNames(root: z.core.$ZodType, path: readonly (string | number)[]): readonly (string | number)[] {
  const names: (string | number)[] = [];
  let schema: z.core.$ZodType | undefined = unwrapped(root).schema;
  for (const part of path) {
    const found: Spelled | undefined = schema instanceof z.ZodObject ? keyNamed(schema, part) : undefined;
    names.push(found?.spelling ?? part);
    schema = found?.schema ?? inner(schema);
  }
  return names;
}

function keyNamed(block: z.ZodObject, name: string | number): Spelled | undefined {
  for (const [spelling, key] of knownKeys(block)) {
    if (key.name === name) return { spelling, schema: key.schema };
  }
  return undefined;
}

/** A message about arguments with their names as cluster.yml spells them. What stands in quotes stays. */
export function inYamlWords(root: z.core.$ZodType, text: string): string {
  const words = yamlWords(root);
  return text.replace(/"(?:[^"\\]|\\.)*"|\b[a-z]\w*[A-Z]\w*\b/g, (word) => words.get(word) ?? word);
}

function yamlWords(root: z.core.$ZodType): ReadonlyMap<string, string> {
  const { schema } = unwrapped(root);
  const words = new Map<string, string>();
  if (!(schema instanceof z.ZodObject)) {
    const part = inner(schema);
    return part === undefined ? words : yamlWords(part);
  }
  for (const [spelling, key] of knownKeys(schema)) {
    if (!words.has(key.name)) words.set(key.name, spelling);
    for (const [name, word] of yamlWords(key.schema)) if (!words.has(name)) words.set(name, word);
  }
  return words;
}

interface Spelled {
  readonly spelling: string;
  readonly schema: z.core.$ZodType;
}

function inner(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return unwrapped(schema.element).schema;
  if (schema instanceof z.ZodRecord) return unwrapped(schema.valueType).schema;
  return undefined;
}

const cache = new WeakMap<z.ZodObject, ReadonlyMap<string, KnownKey>>();

/** Names that the Terraform provider, Rancher or older releases have for keys, where the letters differ. */
const otherNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    roles: "role",
    drain_input: "node_drain_input",
    route_table_id: "routetable-id",
    node_address: "address",
    hostname: "hostname_override",
    version: "kubernetes_version",
    ssh_user: "user",
    kube_dns: "kubedns",
    kube_dns_sidecar: "kubedns_sidecar",
    kube_dns_autoscaler: "kubedns_autoscaler",
  }),
);

const removedKeys: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pod_security_policy: "RKE took it out together with pod security policies; see pod_security_configuration",
  }),
);
