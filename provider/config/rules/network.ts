import { aciOptions } from "../aci-options.ts";
import { nearestName } from "../nearest-name.ts";
import { quoted } from "../quoted.ts";
import { networkPlugin } from "../schema/network.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

/** The network plugin, its options, and what it cannot do. */
export function* networkRules(draft: Draft): Generator<Verdict> {
  const { network } = draft.config;
  yield* releaseRules(draft);
  yield* mtuRules(draft);
  yield* optionRules(draft);
  yield* dualStackRules(draft);
  for (const name of networkPlugin.options) {
    const key = `${name}NetworkProvider` as const;
    if (name === "none" || name === network.plugin || !(key in network)) continue;
    const reason = `The block has no effect with the network plugin ${quoted(network.plugin)}`;
    yield warning(["network", key], reason, [["network", "plugin"]]);
  }
}

const pluginPath = ["network", "plugin"] as const;

function* releaseRules({ config: { network }, release }: Draft): Generator<Verdict> {
  if (release === undefined) return;
  const { plugin } = network;
  const version = release.kubernetesVersion;
  if (plugin === "weave" && release.weave === "removed") {
    yield failure(pluginPath, `"weave" cannot be used with Kubernetes ${version}: RKE dropped it with v1.30`);
  } else if (plugin === "weave" && release.weave === "deprecated") {
    yield warning(pluginPath, '"weave" is deprecated: it cannot be used from Kubernetes v1.30 on');
  } else if (plugin !== "none" && release.templates[plugin as keyof typeof release.templates] === undefined) {
    yield warning(
      pluginPath,
      `There is no manifest of ${quoted(plugin)} for Kubernetes ${version}: it will not be deployed`,
    );
  }
}

const smallestMtu = 576;
const largestMtu = 65535;

function* mtuRules({ config: { network } }: Draft): Generator<Verdict> {
  const path = ["network", "mtu"] as const;
  const { mtu = 0, plugin } = network;
  if (mtu === 0) return;
  if (mtu < smallestMtu || mtu > largestMtu) {
    yield failure(
      path,
      `${mtu} is not an MTU: a number from ${smallestMtu} to ${largestMtu} is wanted, or 0 for automatic`,
    );
  } else if (plugin === "flannel") {
    yield failure(path, 'The network plugin "flannel" takes its MTU from the interface: remove mtu', [pluginPath]);
  } else if (plugin === "none") {
    yield warning(path, 'mtu has no effect with the network plugin "none"', [pluginPath]);
  }
}

/** Options that manifests and sidecars read, plugin by plugin. */
const knownOptions: Readonly<Record<string, readonly string[]>> = {
  flannel: [
    "flannel_iface",
    "flannel_backend_type",
    "flannel_backend_port",
    "flannel_backend_vni",
    "kube_flannel_priority_class_name",
  ],
  canal: [
    "canal_iface",
    "canal_flannel_backend_type",
    "canal_flannel_backend_port",
    "canal_flannel_backend_vni",
    "canal_flex_volume_plugin_dir",
    "canal_priority_class_name",
    "calico_kube_controllers_priority_class_name",
  ],
  calico: [
    "calico_cloud_provider",
    "calico_flex_volume_plugin_dir",
    "calico_node_priority_class_name",
    "calico_kube_controllers_priority_class_name",
  ],
  weave: ["WeavePassword", "weave_net_priority_class_name"],
  aci: Object.values(aciOptions).map(({ option }) => option),
  none: [],
};

function* optionRules({ given, config: { network } }: Draft): Generator<Verdict> {
  const known = knownOptions[network.plugin];
  for (const [name, value] of Object.entries(given.network?.options ?? {})) {
    const path = ["network", "options", name];
    if (/_backend_(port|vni)$/.test(name) && known?.includes(name) && !/^[-+]?\d+$/.test(value)) {
      yield failure(path, `${quoted(value)} is not a number: RKE could not deploy the network`, [pluginPath]);
    }
    if (known === undefined || known.includes(name)) continue;
    const meant = nearestName(name, known);
    const instead = meant === undefined ? "it has no effect" : `did you mean "${meant}"?`;
    yield warning(path, `The network plugin ${quoted(network.plugin)} has no option ${quoted(name)}: ${instead}`, [
      pluginPath,
    ]);
  }
}

function* dualStackRules({ config, release }: Draft): Generator<Verdict> {
  const { plugin } = config.network;
  const { kubeApi, kubeController } = config.services;
  const ranges = [
    { path: ["services", "kubeApi", "serviceClusterIpRange"], text: kubeApi.serviceClusterIpRange },
    { path: ["services", "kubeController", "clusterCidr"], text: kubeController.clusterCidr },
  ];
  for (const { path, text } of ranges) {
    if (!text.includes(",")) continue;
    if (plugin !== "calico" && plugin !== "aci") {
      const reason = `The network plugin ${quoted(plugin)} cannot do two address families: use "calico", or one range`;
      yield failure(path, reason, [pluginPath]);
    } else if (plugin === "aci" && release !== undefined && !release.aciDualStack) {
      const reason = `"aci" of Kubernetes ${release.kubernetesVersion} cannot do two address families`;
      yield failure(path, reason, [pluginPath, ["kubernetesVersion"]]);
    }
  }
}
