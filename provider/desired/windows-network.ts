import type { ClusterConfig } from "../config/cluster-config.ts";

type Network = ClusterConfig["network"];

/** The network block as the sidekick on Windows reads it: RKE's JSON, with its order of keys, which is compared as text. */
export function networkJson(network: Network): string {
  const { calicoNetworkProvider, canalNetworkProvider, flannelNetworkProvider, weaveNetworkProvider } = network;
  return JSON.stringify({
    plugin: network.plugin,
    options: nonEmpty(sortedKeys(network.options)),
    mtu: network.mtu || undefined,
    calicoNetworkProvider: calicoNetworkProvider && { cloudProvider: calicoNetworkProvider.cloudProvider ?? "" },
    canalNetworkProvider: canalNetworkProvider && { iface: canalNetworkProvider.iface ?? "" },
    flannelNetworkProvider: flannelNetworkProvider && { iface: flannelNetworkProvider.iface ?? "" },
    weaveNetworkProvider: weaveNetworkProvider && { password: weaveNetworkProvider.password || undefined },
    aciNetworkProvider: network.aciNetworkProvider,
    nodeSelector: nonEmpty(sortedKeys(network.nodeSelector ?? {})),
    updateStrategy: {
      strategy: network.updateStrategy.strategy || undefined,
      rollingUpdate: network.updateStrategy.rollingUpdate,
    },
    tolerations: network.tolerations?.length ? network.tolerations.map(toleration) : undefined,
    enableBrNetfilter: network.enableBrNetfilter,
  });
}

const sortedKeys = <T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

const nonEmpty = <T extends object>(map: T): T | undefined => (Object.keys(map).length > 0 ? map : undefined);

const toleration = ({
  key,
  operator,
  value,
  effect,
  tolerationSeconds,
}: NonNullable<Network["tolerations"]>[number]) => ({
  key: key || undefined,
  operator: operator || undefined,
  value: value || undefined,
  effect: effect || undefined,
  tolerationSeconds,
});
