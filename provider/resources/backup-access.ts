import { z } from "zod";

import { fromStateForm } from "../config/rke-form.ts";
import { assumedDockerFacts } from "../desired/docker-facts.ts";
import { prefixPathOf } from "../desired/paths.ts";
import { RkeError } from "../errors.ts";
import { KUBE_CA, KUBE_NODE } from "../pki/names.ts";
import { unpacked } from "../state/packed-text.ts";
import type { Properties } from "./handler.ts";
import { isMap, mapAt, textAt } from "./properties.ts";

const registry = z.looseObject({ url: z.string().optional() });

const certificate = z.strictObject({ certificatePEM: z.string(), keyPEM: z.string() });

const node = z.strictObject({
  /** What the program calls it. */
  name: z.string(),
  address: z.string(),
  internalAddress: z.string(),
  hostnameOverride: z.string(),
  prefixPath: z.string(),
});

const access = z.strictObject({
  version: z.literal(1),
  clusterId: z.string(),
  clusterName: z.string(),
  kubernetesVersion: z.string(),
  images: z.strictObject({ tools: z.string(), etcd: z.string() }),
  registries: z.array(registry),
  /** The machines with etcd. */
  nodes: z.array(node),
  /** The CA, without its key, and the client that members of etcd let in. */
  certificates: z.record(z.string(), certificate),
  ways: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** How the etcd of a cluster is reached, and what opens it. Holds keys in clear. */
export type Access = z.output<typeof access>;

/**
 * What an EtcdBackup keeps of its cluster, as one secret text: of all outputs only what it takes to reach etcd, so that it
 * changes when that does. Empty for a cluster that another stack looks after, of which not enough is known.
 */
export function accessText(outputs: Properties): string {
  const { clusterId, release, rkeState } = outputs;
  const [applied, ways, facts] = [outputs.applied, outputs.ways, outputs.facts].map(unpacked);
  if (typeof rkeState !== "string" || !Array.isArray(applied) || !isMap(ways)) return "";
  const { rkeConfig, certificatesBundle } = mapAt(JSON.parse(rkeState) as Properties, "desiredState");
  const config = fromStateForm(rkeConfig) as Properties;
  const etcd = mapAt(mapAt(config, "services"), "etcd");
  const hasOther = Array.isArray(etcd.externalUrls) && etcd.externalUrls.length > 0;
  const images = mapAt(config, "systemImages");
  const nodes = hasOther
    ? []
    : applied.filter(isMap).filter(({ role }) => Array.isArray(role) && role.includes("etcd"));
  const parts: Access = {
    version: 1,
    clusterId: String(clusterId),
    clusterName: textAt(config, "clusterName") ?? "local",
    kubernetesVersion: String(release),
    images: { tools: String(images.alpine), etcd: String(images.etcd) },
    registries: (config.privateRegistries ?? []) as Access["registries"],
    nodes: nodes.map((one) => nodeOf(one, { config, facts: isMap(facts) ? facts : {} })),
    certificates: certificatesOf(isMap(certificatesBundle) ? certificatesBundle : {}),
    ways: Object.fromEntries(nodes.map(({ address }) => [String(address), mapAt(ways, String(address))])),
  };
  return JSON.stringify(parts);
}

/** Reads what `accessText` has written. */
export function readAccess(text: string): Access {
  const parsed = access.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new RkeError("state", {
    doing: "find the way to the etcd of the cluster",
    because: "what the backup remembers of it is of another form",
    hint: "Run pulumi up with the cluster and the backup in the program: it is written anew",
  });
}

function nodeOf(
  { name, address, internalAddress, hostnameOverride }: Properties,
  { config, facts }: { readonly config: Properties; readonly facts: Properties },
): Access["nodes"][number] {
  const { prefixPath, winPrefixPath } = config;
  const seen = mapAt(mapAt(mapAt(facts, "nodes"), String(address)), "machine");
  const prefixes = { prefixPath: String(prefixPath ?? "/"), winPrefixPath: winPrefixPath as string | undefined };
  const docker = { ...assumedDockerFacts, operatingSystem: textAt(seen, "os") ?? "" };
  return {
    name: String(name ?? hostnameOverride),
    address: String(address),
    internalAddress: String(internalAddress),
    hostnameOverride: String(hostnameOverride),
    prefixPath: prefixPathOf(prefixes, docker),
  };
}

function certificatesOf(bundle: Properties): Access["certificates"] {
  const pem = (name: string, key: string) => textAt(mapAt(bundle, name), key) ?? "";
  return {
    [KUBE_CA]: { certificatePEM: pem(KUBE_CA, "certificatePEM"), keyPEM: "" },
    [KUBE_NODE]: { certificatePEM: pem(KUBE_NODE, "certificatePEM"), keyPEM: pem(KUBE_NODE, "keyPEM") },
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The access among inputs or in a state. */
export const accessIn = (properties: Properties): Access => readAccess(textAt(properties, "access") ?? "");
