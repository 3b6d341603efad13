import { calicoTraits } from "../../releases/addon-traits.ts";
import type { AddonContext } from "./addon-context.ts";
import { calicoCrds } from "./calico-crds.ts";
import {
  agent,
  agentPod,
  agentRules,
  agentVolumes,
  cniAccount,
  cniConfig,
  controllers,
  controllersBudget,
  controllersRole,
  felixVariables,
  installCni,
  kubeControllers,
  mountBpffs,
  namespace,
  policysync,
  tierGetter,
  tierGetterRole,
} from "./calico-parts.ts";
import { configMap, type Manifest } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, clusterRoleOfUser, rule, serviceAccount } from "./rbac.ts";
import { configEnv, configVolume, daemonSet, env, everyTaintOfNodes, fieldEnv, mount, onLinux } from "./workload.ts";

const config = "canal-config";
const account = { name: "canal", namespace };

/** Canal: flannel carries the traffic between nodes, Calico keeps to network policies. */
export function canal({ config: cluster, template, hasRbac }: AddonContext): readonly Manifest[] {
  const traits = calicoTraits(template);
  const { network, services, systemImages: images } = cluster;
  const { options } = network;
  const enabled = traits.hasStagedPolicies ? "node,loadbalancer" : "node";
  return [
    configMap(
      { name: config, namespace },
      {
        typha_service_name: "none",
        canal_iface: options.canal_iface ?? "",
        masquerade: "true",
        veth_mtu: String(network.mtu || 1450),
        cni_network_config: cniConfig(traits, { type: "host-local", subnet: "usePodCidr" }),
        "net-conf.json": JSON.stringify(
          {
            Network: services.kubeController.clusterCidr,
            Backend: { Type: options.canal_flannel_backend_type || "vxlan" },
          },
          undefined,
          2,
        ),
      },
    ),
    ...calicoCrds(template),
    ...(hasRbac
      ? [
          controllersRole(traits),
          clusterRoleBinding({ name: kubeControllers }, { name: kubeControllers, namespace }),
          clusterRole({ name: "calico" }, agentRules(traits, { tokens: ["canal", cniAccount.name] })),
          clusterRole({ name: cniAccount.name }, [
            rule("", "pods nodes namespaces", "get"),
            rule("", "pods/status", "patch"),
          ]),
          clusterRole({ name: "flannel" }, [
            rule("", "pods", "get"),
            rule("", "nodes", "list watch"),
            rule("", "nodes/status", "patch"),
          ]),
          ...(traits.hasStagedPolicies ? [tierGetterRole()] : []),
          clusterRoleBinding({ name: "canal-flannel" }, account, "flannel"),
          clusterRoleBinding({ name: "canal-calico" }, account, "calico"),
          clusterRoleBinding({ name: cniAccount.name }, cniAccount),
          ...(traits.hasStagedPolicies ? [clusterRoleOfUser(tierGetter, "system:kube-controller-manager")] : []),
          serviceAccount(account),
          serviceAccount(cniAccount),
          serviceAccount({ name: kubeControllers, namespace }),
        ]
      : []),
    daemonSet(
      { name: "canal", namespace, labels: { "k8s-app": "canal" } },
      {
        selector: { "k8s-app": "canal" },
        strategy: network.updateStrategy,
        pod: {
          ...agentPod(traits),
          nodeSelector: { ...onLinux, ...network.nodeSelector },
          serviceAccountName: hasRbac ? account.name : undefined,
          priorityClassName: options.canal_priority_class_name || "system-node-critical",
          initContainers: [
            installCni({ image: images.canalCni, config, fileName: "10-canal.conflist", namesAccount: true }),
            mountBpffs(images.canalNode),
          ],
          containers: [
            agent({
              image: images.canalNode,
              variables: agentVariables,
              liveness: ["-felix-live"],
              readinessProbe: { httpGet: { path: "/readiness", port: 9099, host: "localhost" } },
            }),
            flannel(images.canalFlannel),
          ],
          volumes: [...agentVolumes(traits, [configVolume("flannel-cfg", config)]), policysync],
        },
      },
    ),
    controllers(traits, {
      image: images.canalControllers,
      enabled,
      account: hasRbac ? kubeControllers : undefined,
      priorityClassName: options.calico_kube_controllers_priority_class_name || "system-cluster-critical",
      tolerations: network.tolerations ?? everyTaintOfNodes,
    }),
    controllersBudget(),
  ];
}

/** Calico routes nothing here: flannel does. */
const agentVariables = [
  env("DATASTORE_TYPE", "kubernetes"),
  env("USE_POD_CIDR", "true"),
  env("WAIT_FOR_DATASTORE", "true"),
  fieldEnv("NODENAME", "spec.nodeName"),
  fieldEnv("CALICO_CNI_SERVICE_ACCOUNT", "spec.serviceAccountName"),
  env("CALICO_NETWORKING_BACKEND", "none"),
  env("CLUSTER_TYPE", "k8s,canal"),
  env("FELIX_IPTABLESREFRESHINTERVAL", "60"),
  env("IP", ""),
  ...felixVariables(),
];

const flannel = (image: string) => ({
  name: "kube-flannel",
  image,
  imagePullPolicy: "IfNotPresent",
  command: ["/opt/bin/flanneld", "--ip-masq", "--kube-subnet-mgr"],
  securityContext: { privileged: true },
  env: [
    fieldEnv("POD_NAME", "metadata.name"),
    fieldEnv("POD_NAMESPACE", "metadata.namespace"),
    configEnv("FLANNELD_IFACE", { name: config, key: "canal_iface" }),
    configEnv("FLANNELD_IP_MASQ", { name: config, key: "masquerade" }),
  ],
  volumeMounts: [
    mount("xtables-lock", "/run/xtables.lock", { readOnly: false }),
    mount("flannel-cfg", "/etc/kube-flannel/"),
  ],
});
