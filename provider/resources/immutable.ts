import type { ClusterConfig } from "../config/cluster-config.ts";
import { hasUnknown } from "../config/unknowns.ts";
import type { CheckFailure, Properties } from "./handler.ts";
import { parseInputs } from "./parsed-inputs.ts";
import { isSame } from "./properties.ts";
import { nameOfRestore } from "./restore-input.ts";

/** What a cluster is built on. Nothing moves it while the cluster lives, and Pulumi must not replace the cluster for it. */
const foundations: readonly { readonly property: string; readonly of: (config: ClusterConfig) => unknown }[] = [
  { property: "prefixPath", of: ({ prefixPath }) => prefixPath },
  { property: "services.kubeController.clusterCidr", of: ({ services }) => services.kubeController.clusterCidr },
  { property: "services.kubeApi.serviceClusterIpRange", of: ({ services }) => services.kubeApi.serviceClusterIpRange },
  { property: "services.kubelet.clusterDnsServer", of: ({ services }) => services.kubelet.clusterDnsServer },
  { property: "network.plugin", of: ({ network }) => network.plugin },
  { property: "cloudProvider.name", of: ({ cloudProvider }) => cloudProvider.name ?? "" },
  { property: "services.etcd.externalUrls", of: ({ services }) => (services.etcd.externalUrls ?? []).length > 0 },
];

/** Refuses what would take another cluster, with the way to get it. */
export function immutableFailures(
  olds: Properties,
  { inputs, config }: { inputs: Properties; config: ClusterConfig },
): CheckFailure[] {
  if (olds.nodes === undefined) return [];
  const before = parseInputs(olds);
  if (!before.ok) return [];
  const moved = foundations.flatMap(({ property, of }) => {
    const [old, wanted] = [of(before.config), of(config)];
    return hasUnknown(wanted) || isSame(old, wanted) ? [] : [{ property, reason: whyFixed(old) }];
  });
  const otherKeys =
    hasUnknown([olds.clusterId, inputs.clusterId]) || isSame(olds.clusterId, inputs.clusterId)
      ? []
      : [{ property: "identity", reason: `The cluster lives by the keys it was made with. ${newCluster}` }];
  const isRestored = isSnapshotAskedFor(olds, inputs);
  return [...moved, ...otherKeys, ...(isRestored ? [] : lostEtcd(before.config, config))];
}

const newCluster =
  "Take it back to what it was; or declare another RkeCluster, move what runs here, and remove this one";

const whyFixed = (old: unknown): string =>
  `It cannot be changed while the cluster lives (it was ${JSON.stringify(old)}). ${newCluster}`;

/** Whether the data come from a snapshot. One that was asked for before has been restored before, and is not again. */
function isSnapshotAskedFor(olds: Properties, inputs: Properties): boolean {
  const name = nameOfRestore(inputs);
  return name !== undefined && name !== nameOfRestore(olds);
}

/** A cluster whose members all go at once has nobody who hands the data over. */
function lostEtcd(before: ClusterConfig, config: ClusterConfig): CheckFailure[] {
  const members = (nodes: ClusterConfig["nodes"]) =>
    nodes.filter(({ role }) => role.includes("etcd")).map(({ address }) => address);
  const [old, wanted] = [members(before.nodes), members(config.nodes)];
  const isKept = old.length === 0 || wanted.length === 0 || hasUnknown(wanted);
  if (isKept || old.some((address) => wanted.includes(address))) return [];
  const reason =
    "No etcd node of the cluster is left, and the data would go with them. Replace them in two steps; " +
    "or, where the machines are lost, restore a snapshot that was not asked for before: restore: { from, confirm }";
  return [{ property: "nodes", reason }];
}
