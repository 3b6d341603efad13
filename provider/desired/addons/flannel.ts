import { flannelSaysNoNftables } from "../../releases/addon-traits.ts";
import type { AddonContext } from "./addon-context.ts";
import { configMap, type Manifest } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, rule, serviceAccount } from "./rbac.ts";
import {
  configEnv,
  configVolume,
  daemonSet,
  env,
  fieldEnv,
  hostPath,
  mount,
  requiredNodes,
  type Toleration,
} from "./workload.ts";

const namespace = "kube-system";
const config = "kube-flannel-cfg";
const labels = { "k8s-app": "flannel" };
const account = { name: "flannel", namespace };

/** flannel: an overlay between nodes, or routes to their neighbours, and no network policies. */
export function flannel({ config: cluster, template, hasRbac }: AddonContext): readonly Manifest[] {
  const { network, services, systemImages: images } = cluster;
  const { options } = network;
  const iface = options.flannel_iface;
  return [
    ...(hasRbac
      ? [
          clusterRole({ name: "flannel", labels }, [
            rule("", "pods", "get"),
            rule("", "nodes", "get list watch"),
            rule("", "nodes/status", "patch"),
          ]),
          clusterRoleBinding({ name: "flannel", labels }, account),
          serviceAccount({ ...account, labels }),
        ]
      : []),
    configMap(
      { name: config, namespace, labels: { tier: "node", ...labels, app: "flannel" } },
      {
        "cni-conf.json": cniConfig,
        "net-conf.json": JSON.stringify(
          {
            Network: services.kubeController.clusterCidr,
            ...(flannelSaysNoNftables(template) && { EnableNFTables: false }),
            Backend: {
              Type: options.flannel_backend_type,
              VNI: Number(options.flannel_backend_vni),
              Port: Number(options.flannel_backend_port),
            },
          },
          undefined,
          2,
        ),
      },
    ),
    daemonSet(
      { name: "kube-flannel", namespace, labels: { tier: "node", ...labels } },
      {
        selector: labels,
        podLabels: { tier: "node" },
        strategy: network.updateStrategy,
        pod: {
          affinity: requiredNodes({ key: "kubernetes.io/os", operator: "In", values: ["linux"] }),
          nodeSelector: network.nodeSelector,
          priorityClassName: options.kube_flannel_priority_class_name || "system-node-critical",
          serviceAccountName: hasRbac ? account.name : undefined,
          hostNetwork: true,
          tolerations,
          containers: [installer(images.flannelCni), daemon({ image: images.flannel, iface })],
          volumes: [
            hostPath("run", "/run/flannel"),
            hostPath("host-cni-bin", "/opt/cni/bin"),
            hostPath("cni", "/etc/cni/net.d"),
            configVolume("flannel-cfg", config),
            hostPath("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
          ],
        },
      },
    ),
  ];
}

const tolerations: readonly Toleration[] = [
  { operator: "Exists", effect: "NoSchedule" },
  { operator: "Exists", effect: "NoExecute" },
];

const cniConfig = JSON.stringify(
  {
    name: "cbr0",
    cniVersion: "0.3.1",
    plugins: [
      { type: "flannel", delegate: { forceAddress: true, hairpinMode: true, isDefaultGateway: true } },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  },
  undefined,
  2,
);

/** Puts the plugin and its configuration on the machine, and stays. */
const installer = (image: string) => ({
  name: "install-cni",
  image,
  command: ["/install-cni.sh"],
  env: [
    configEnv("CNI_NETWORK_CONFIG", { name: config, key: "cni-conf.json" }),
    env("CNI_CONF_NAME", "10-flannel.conflist"),
  ],
  volumeMounts: [mount("cni", "/host/etc/cni/net.d"), mount("host-cni-bin", "/host/opt/cni/bin/")],
});

const daemon = ({ image, iface }: { image: string; iface: string | undefined }) => ({
  name: "kube-flannel",
  image,
  command: ["/opt/bin/flanneld"],
  args: ["--ip-masq", "--kube-subnet-mgr", ...(iface ? [`--iface=${iface}`] : [])],
  resources: { requests: { cpu: "100m", memory: "50Mi" } },
  securityContext: {
    privileged: false,
    seLinuxOptions: { type: "rke_network_t" },
    capabilities: { add: ["NET_ADMIN", "NET_RAW"] },
  },
  env: [
    fieldEnv("POD_NAME", "metadata.name"),
    fieldEnv("POD_NAMESPACE", "metadata.namespace"),
    env("EVENT_QUEUE_DEPTH", "5000"),
  ],
  volumeMounts: [
    mount("run", "/run/flannel"),
    mount("flannel-cfg", "/etc/kube-flannel/"),
    mount("xtables-lock", "/run/xtables.lock"),
  ],
});
