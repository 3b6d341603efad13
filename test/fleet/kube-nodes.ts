import type { EtcdCluster } from "./etcd-cluster.ts";
import { componentsOf, leaderOf, serves } from "./kube-components.ts";
import { kindOf } from "./kube-kinds.ts";
import type { KubeObject } from "./kube-object.ts";
import type { KubeStore } from "./kube-store.ts";
import type { World } from "./world.ts";

/** A Node is Ready while its kubelet is in touch, and for the grace period after; only a controller manager gives it up. */
export function nodeCondition(
  world: World,
  store: KubeStore,
  { metadata }: KubeObject,
): "ready" | "no network" | "unknown" {
  const kubelet = componentsOf(world, "kubelet").get(metadata.name);
  const isSilent =
    !serves(kubelet, store.cluster) && performance.now() - (kubelet?.lastSeenAt ?? 0) >= world.pace.nodeGraceMs;
  if (isSilent && leaderOf(world, "kube-controller-manager", store.cluster) !== undefined) return "unknown";
  return world.needsNetworkPlugin && !hasNetworkPlugin(store) ? "no network" : "ready";
}

export const isReadyNode = (world: World, store: KubeStore, node: KubeObject): boolean =>
  nodeCondition(world, store, node) === "ready";

const pluginSeen = new WeakMap<EtcdCluster, { readonly revision: number; readonly seen: boolean }>();

function hasNetworkPlugin(store: KubeStore): boolean {
  const { cluster } = store;
  const known = pluginSeen.get(cluster);
  if (known?.revision === cluster.revision) return known.seen;
  const seen =
    store.list(kindOf("daemonsets")).some(({ metadata }) => /flannel|canal|calico|weave|aci-/.test(metadata.name)) ||
    store.get(kindOf("jobs"), "kube-system", "rke-network-plugin-deploy-job") !== undefined;
  pluginSeen.set(cluster, { revision: cluster.revision, seen });
  return seen;
}
