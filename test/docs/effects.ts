import { z } from "zod";

import type { ClusterConfig } from "../../provider/config/cluster-config.ts";
import { applyDefaults } from "../../provider/config/defaults.ts";
import type { ParsedCluster } from "../../provider/config/schema/cluster.ts";
import { isVerbatim } from "../../provider/config/schema/naming.ts";
import { containerChanges } from "../../provider/desired/changes.ts";
import { type ClusterPlan, planCluster } from "../../provider/desired/cluster-plan.ts";
import type { EncryptionKey } from "../../provider/desired/files/encryption.ts";
import { releaseOf } from "../../provider/releases/index.ts";
import { immutableFailures } from "../../provider/resources/immutable.ts";
import type { Setting } from "./settings.ts";

/** What a change of one setting does to a cluster that exists. */
export type Effect =
  | { readonly kind: "refused" }
  /** The containers that it replaces, and the files that it writes anew. */
  | {
      readonly kind: "changes";
      readonly containers: readonly string[];
      readonly files: readonly string[];
      readonly addons: readonly string[];
    }
  /** In the cluster that is tried here nothing changes. That says little: much counts only together with other things. */
  | { readonly kind: "unseen" };

/**
 * Plans a small cluster without and with the setting, and compares. Where the setting counts only together with others,
 * they are there both times.
 */
export function effectOf({ path, schema }: Setting): Effect {
  const place = path.join(".");
  if (untried.some((start) => place.startsWith(start))) return { kind: "unseen" };
  const base = Object.entries(companions)
    .filter(([start]) => place.startsWith(start))
    .reduce((args, [, settings]) => withAll(args, settings), smallCluster);
  const before = configOf(base);
  const value = anotherValue(place, schema, valueAt(before, path));
  if (value === undefined) return { kind: "unseen" };
  if (isRefused(configOf(withValue(smallCluster, path, value)))) return { kind: "refused" };
  const [old, wanted] = [planOf(before), planOf(configOf(withValue(base, path, value)))];
  const containers = inOrder(containerChanges(old, wanted).map(({ container }) => container));
  const files = filesWritten(old, wanted);
  const addons = addonsChanged(old, wanted);
  if (containers.length + files.length + addons.length === 0) return { kind: "unseen" };
  return { kind: "changes", containers, files, addons };
}

function addonsChanged(old: ClusterPlan, wanted: ClusterPlan): readonly string[] {
  const digests = ({ addons }: ClusterPlan) => new Map(addons.deployed.map(({ name, digest }) => [name, digest]));
  const [before, after] = [digests(old), digests(wanted)];
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}

function filesWritten(old: ClusterPlan, wanted: ClusterPlan): readonly string[] {
  const texts = (plan: ClusterPlan) =>
    plan.nodes.flatMap(({ files }) => files.map(({ path, content }) => `${path}\n${content}`));
  const before = new Set(texts(old));
  const written = texts(wanted).filter((text) => !before.has(text));
  return [...new Set(written.map((text) => text.slice(0, text.indexOf("\n"))))];
}

type Args = Readonly<Record<string, unknown>>;

const smallCluster: Args = {
  kubernetesVersion: "v1.31.4-rancher1-1",
  nodes: [
    { address: "10.0.0.1", user: "root", role: ["etcd", "controlplane"] },
    { address: "10.0.0.2", user: "root", role: ["worker"] },
  ],
};

/** Nothing can be learnt by planning: a plan says what machines should be, and these say which and how they are reached. */
const untried: readonly string[] = ["nodes", "privateRegistries", "bastionHost"];

/** Settings without which others do nothing, by what the others begin with. */
const companions: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "services.kubeApi.auditLog.": { "services.kubeApi.auditLog.enabled": true },
  "services.kubeApi.eventRateLimit.configuration": { "services.kubeApi.eventRateLimit.enabled": true },
  "services.kubeApi.secretsEncryptionConfig.customConfig": { "services.kubeApi.secretsEncryptionConfig.enabled": true },
  "services.etcd.uid": { "services.etcd.gid": 1000 },
  "services.etcd.gid": { "services.etcd.uid": 1000 },
  "services.etcd.backupConfig.s3BackupConfig.": { "services.etcd.backupConfig.s3BackupConfig.bucketName": "backups" },
  "services.etcd.backupConfig.safeTimestamp": { "services.etcd.backupConfig.schedule": "0 3 * * *" },
  "services.etcd.backupConfig.timeout": { "services.etcd.backupConfig.schedule": "0 3 * * *" },
  "services.etcd.caCert": external(),
  "services.etcd.cert": external(),
  "services.etcd.key": external(),
  "services.etcd.path": external(),
  "authentication.webhook.": { "authentication.strategy": "x509|webhook" },
  "cloudProvider.awsCloudProvider": { "cloudProvider.name": "aws", kubernetesVersion: "v1.26.15-rancher1-1" },
  "cloudProvider.azureCloudProvider": { "cloudProvider.name": "azure" },
  "cloudProvider.openstackCloudProvider": { "cloudProvider.name": "openstack" },
  "cloudProvider.vsphereCloudProvider": { "cloudProvider.name": "vsphere" },
  "cloudProvider.harvesterCloudProvider": {
    "cloudProvider.name": "harvester",
    "cloudProvider.harvesterCloudProvider.cloudConfig": "one",
  },
  "cloudProvider.customCloudProvider": { "cloudProvider.name": "mine" },
  "cloudProvider.useInstanceMetadataHostname": { "cloudProvider.name": "external-aws" },
  criDockerd: { enableCriDockerd: true },
};

function external(): Readonly<Record<string, unknown>> {
  return {
    "services.etcd.externalUrls": ["https://10.9.0.1:2379"],
    "services.etcd.caCert": "ca",
    "services.etcd.cert": "cert",
    "services.etcd.key": "key",
    "services.etcd.path": "/one",
  };
}

/** Values that must mean something. All others are made up. */
const meaningful: Readonly<Record<string, unknown>> = {
  addons: '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "other"}}',
  kubernetesVersion: "v1.32.4-rancher1-1",
  "services.kubeApi.serviceClusterIpRange": "10.45.0.0/16",
  "services.kubeController.serviceClusterIpRange": "10.45.0.0/16",
  "services.kubeController.clusterCidr": "10.46.0.0/16",
  "services.kubelet.clusterDnsServer": "10.43.0.11",
  "services.etcd.backupConfig.schedule": "0 3 * * *",
  "services.etcd.externalUrls": ["https://10.9.0.1:2379"],
  "authentication.strategy": "x509|webhook",
  "authorization.mode": "none",
  "network.plugin": "calico",
  "cloudProvider.name": "external",
  "systemImages.etcd": "rancher/mirrored-coreos-etcd:v3.5.16",
  "systemImages.kubernetes": "rancher/hyperkube:v1.31.5-rancher1",
};

function anotherValue(place: string, schema: z.core.$ZodType, value: unknown): unknown {
  if (place in meaningful) return meaningful[place];
  if (isVerbatim(schema)) return { kind: "Other" };
  if (schema instanceof z.ZodBoolean) return value !== true;
  if (schema instanceof z.ZodNumber) return Number(value ?? 0) + 7;
  if (schema instanceof z.ZodString) return "other";
  if (schema instanceof z.ZodEnum) return schema.options.find((one) => one !== "" && one !== value);
  if (schema instanceof z.ZodUnion) return "50%";
  if (schema instanceof z.ZodArray && schema.element instanceof z.ZodString) return ["other=other"];
  if (schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodString) return { other: "other" };
  if (schema instanceof z.ZodRecord && schema.valueType instanceof z.ZodArray) return { other: ["other"] };
  return undefined;
}

const configOf = (args: Args): ClusterConfig =>
  applyDefaults(args as ParsedCluster, releaseOf(String(args.kubernetesVersion)));

const planOf = (config: ClusterConfig): ClusterPlan =>
  planCluster(config, releaseOf(config.kubernetesVersion), { encryptionKeys: keys });

const keys: readonly EncryptionKey[] = [];

function isRefused(config: ClusterConfig): boolean {
  const nodes = {
    one: { host: "10.0.0.1", roles: ["etcd", "controlplane"] },
    two: { host: "10.0.0.2", roles: ["worker"] },
  };
  const olds = { kubernetesVersion: "v1.31.4-rancher1-1", nodes, connections: {} };
  return immutableFailures(olds, { inputs: olds, config }).length > 0;
}

const order = [
  "etcd",
  "etcd-rolling-snapshots",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "nginx-proxy",
  "kubelet",
  "kube-proxy",
  "service-sidekick",
];

const inOrder = (names: readonly string[]): readonly string[] =>
  [...new Set(names)].toSorted((a, b) => order.indexOf(a) - order.indexOf(b));

const withAll = (args: Args, settings: Readonly<Record<string, unknown>>): Args =>
  Object.entries(settings).reduce((rest, [place, value]) => withValue(rest, place.split("."), value), args);

function withValue(args: Args, [key, ...rest]: readonly string[], value: unknown): Args {
  if (key === undefined) return args;
  if (rest.length === 0) return { ...args, [key]: value };
  return { ...args, [key]: withValue((args[key] ?? {}) as Args, rest, value) };
}

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Args | undefined)?.[key], value);
