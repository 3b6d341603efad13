import { aciOptions } from "../aci-options.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ParsedCluster } from "../schema/cluster.ts";
import { daemonSetStrategy } from "./addons.ts";

type Network = NonNullable<ParsedCluster["network"]>;
type Aci = NonNullable<Network["aciNetworkProvider"]>;
type Options = Readonly<Record<string, string>>;

const flexVolumeDir = "/usr/libexec/kubernetes/kubelet-plugins/volume/exec/nodeagent~uds";

const pluginOptions: Readonly<Partial<Record<string, Options>>> = {
  canal: {
    canal_flannel_backend_type: "vxlan",
    canal_flannel_backend_port: "8472",
    canal_flannel_backend_vni: "1",
    canal_flex_volume_plugin_dir: flexVolumeDir,
  },
  calico: { calico_cloud_provider: "none", calico_flex_volume_plugin_dir: flexVolumeDir },
  flannel: { flannel_backend_type: "vxlan", flannel_backend_port: "8472", flannel_backend_vni: "1" },
};

/** Fills in the network block. An option given by name wins over the plugin's own block, and that over the default. */
export function networkDefaults(given: Network): ClusterConfig["network"] {
  const network = { ...given, ...blockDefaults(given) };
  const plugin = network.plugin || "canal";
  return {
    ...network,
    plugin,
    options: { ...pluginOptions[plugin], ...blockOptions(network, plugin), ...network.options },
    updateStrategy: daemonSetStrategy(network.updateStrategy),
    enableBrNetfilter: network.enableBrNetfilter ?? true,
  };
}

/** Blocks of plugins are filled in wherever they are, also beside another plugin. */
function blockDefaults({ calicoNetworkProvider: calico, aciNetworkProvider: aci }: Network): Network {
  return {
    ...(calico && { calicoNetworkProvider: { ...calico, cloudProvider: calico.cloudProvider || "none" } }),
    ...(aci && { aciNetworkProvider: aciDefaults(aci) }),
  };
}

function blockOptions(network: Network, plugin: string): Options {
  const { calicoNetworkProvider, canalNetworkProvider, flannelNetworkProvider, weaveNetworkProvider } = network;
  const aci = network.aciNetworkProvider ?? (plugin === "aci" ? aciDefaults({}) : undefined);
  return {
    ...(calicoNetworkProvider && { calico_cloud_provider: calicoNetworkProvider.cloudProvider || "none" }),
    ...(flannelNetworkProvider && { flannel_iface: flannelNetworkProvider.iface ?? "" }),
    ...(canalNetworkProvider && { canal_iface: canalNetworkProvider.iface ?? "" }),
    ...(weaveNetworkProvider && { WeavePassword: weaveNetworkProvider.password ?? "" }),
    ...(aci && aciBlockOptions(aci)),
  };
}

function aciDefaults(block: Aci): Aci {
  const fallbacks = Object.entries(aciOptions).flatMap(([key, { fallback }]) =>
    fallback === undefined || block[key as keyof Aci] ? [] : [[key, fallback]],
  );
  return { ...block, ...Object.fromEntries(fallbacks) };
}

/** An empty tenant is the system; RKE settles that when it deploys the plugin. */
function aciBlockOptions(block: Aci): Options {
  return Object.fromEntries(
    Object.entries(aciOptions).map(([key, { option }]) => {
      const given = block[key as keyof Aci];
      const value = typeof given === "string" ? given : "";
      return [option, key === "tenant" && value === "" ? (block.systemId ?? "") : value];
    }),
  );
}
