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
import { calicoGroup, clusterRole, clusterRoleBinding, clusterRoleOfUser, rule, serviceAccount } from "./rbac.ts";
import { configEnv, daemonSet, env, fieldEnv, hostPath, mount, onLinux, type Toleration } from "./workload.ts";

const config = "calico-config";
const account = { name: "calico-node", namespace };

/** An annotation that means nothing any more; without it every pod would be replaced when a cluster is taken over. */
const podAnnotations = { "scheduler.alpha.kubernetes.io/critical-pod": "" };

/** Calico: routes between nodes by BGP, with IP in IP where they are not neighbours. */
export function calico({ config: cluster, template, hasRbac }: AddonContext): readonly Manifest[] {
  const traits = calicoTraits(template);
  const { network, services, systemImages: images } = cluster;
  const { options } = network;
  const [ipv4 = "", ipv6] = services.kubeController.clusterCidr.split(",");
  const families: Record<string, string> = ipv6 === undefined ? {} : { assign_ipv4: "true", assign_ipv6: "true" };
  return [
    configMap(
      { name: config, namespace },
      {
        typha_service_name: "none",
        calico_backend: "bird",
        veth_mtu: String(network.mtu || 1440),
        cni_network_config: cniConfig(traits, { type: "calico-ipam", ...families }),
      },
    ),
    ...calicoCrds(template),
    ...(hasRbac
      ? [
          clusterRole({ name: cniAccount.name }, [
            rule("", "pods nodes namespaces", "get"),
            rule("", "pods/status", "patch"),
            rule(
              calicoGroup,
              "blockaffinities ipamblocks ipamhandles clusterinformations ippools ipreservations ipamconfigs",
              "get list create update delete",
            ),
          ]),
          controllersRole(traits),
          clusterRoleBinding({ name: kubeControllers }, { name: kubeControllers, namespace }),
          clusterRole({ name: account.name }, [
            ...agentRules(traits, { tokens: [cniAccount.name] }),
            rule(calicoGroup, "blockaffinities ipamblocks ipamhandles", "get list create update delete"),
            rule(calicoGroup, "ipamconfigs", "get create"),
            rule(calicoGroup, "blockaffinities", "watch"),
            rule("apps", "daemonsets", "get"),
          ]),
          clusterRoleBinding({ name: account.name }, account),
          clusterRoleBinding({ name: cniAccount.name }, cniAccount),
          ...(traits.hasStagedPolicies
            ? [tierGetterRole(), clusterRoleOfUser(tierGetter, "system:kube-controller-manager")]
            : []),
          serviceAccount(account),
          serviceAccount(cniAccount),
          serviceAccount({ name: kubeControllers, namespace }),
        ]
      : []),
    daemonSet(
      { name: "calico-node", namespace, labels: { "k8s-app": "calico-node" } },
      {
        selector: { "k8s-app": "calico-node" },
        strategy: network.updateStrategy,
        podAnnotations,
        pod: {
          ...agentPod(traits),
          nodeSelector: { ...onLinux, ...network.nodeSelector },
          serviceAccountName: hasRbac ? account.name : undefined,
          priorityClassName: options.calico_node_priority_class_name || "system-node-critical",
          initContainers: [
            upgradeIpam(images.calicoCni),
            installCni({ image: images.calicoCni, config, fileName: "10-calico.conflist", namesAccount: false }),
            mountBpffs(images.calicoNode),
          ],
          containers: [
            agent({
              image: images.calicoNode,
              variables: agentVariables({ ipv4, ipv6 }),
              liveness: ["-felix-live", "-bird-live"],
              readinessProbe: { exec: { command: ["/bin/calico-node", "-felix-ready", "-bird-ready"] } },
            }),
          ],
          volumes: [...agentVolumes(traits, []), hostPath("host-local-net-dir", "/var/lib/cni/networks"), policysync],
        },
      },
    ),
    controllers(traits, {
      image: images.calicoControllers,
      enabled: "node",
      account: hasRbac ? kubeControllers : undefined,
      priorityClassName: options.calico_kube_controllers_priority_class_name || "system-cluster-critical",
      tolerations: network.tolerations ?? controllersTolerations,
      podAnnotations,
    }),
    controllersBudget(),
  ];
}

const controllersTolerations: readonly Toleration[] = [
  { effect: "NoSchedule", operator: "Exists" },
  { key: "CriticalAddonsOnly", operator: "Exists" },
  { key: "node-role.kubernetes.io/master", effect: "NoSchedule" },
  { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" },
];

const fromConfig = (name: string, key: string) => configEnv(name, { name: config, key });

const agentVariables = ({ ipv4, ipv6 }: { ipv4: string; ipv6: string | undefined }) => [
  env("DATASTORE_TYPE", "kubernetes"),
  env("WAIT_FOR_DATASTORE", "true"),
  fieldEnv("NODENAME", "spec.nodeName"),
  fromConfig("CALICO_NETWORKING_BACKEND", "calico_backend"),
  env("CLUSTER_TYPE", "k8s,bgp"),
  env("IP", "autodetect"),
  ...(ipv6 === undefined ? [] : [env("IP6", "autodetect")]),
  env("CALICO_IPV4POOL_IPIP", "Always"),
  env("CALICO_IPV4POOL_VXLAN", "Never"),
  env("CALICO_IPV6POOL_VXLAN", "Never"),
  fromConfig("FELIX_IPINIPMTU", "veth_mtu"),
  fromConfig("FELIX_VXLANMTU", "veth_mtu"),
  fromConfig("FELIX_WIREGUARDMTU", "veth_mtu"),
  env("CALICO_IPV4POOL_CIDR", ipv4),
  ...(ipv6 === undefined ? [] : [env("CALICO_IPV6POOL_CIDR", ipv6), env("CALICO_IPV6POOL_NAT_OUTGOING", "true")]),
  ...felixVariables({ ipv6: ipv6 !== undefined }),
];

/** Moves addresses that an older plugin has given out over to Calico's own records. */
const upgradeIpam = (image: string) => ({
  name: "upgrade-ipam",
  image,
  imagePullPolicy: "IfNotPresent",
  command: ["/opt/cni/bin/calico-ipam", "-upgrade"],
  envFrom: [{ configMapRef: { name: "kubernetes-services-endpoint", optional: true } }],
  env: [fieldEnv("KUBERNETES_NODE_NAME", "spec.nodeName"), fromConfig("CALICO_NETWORKING_BACKEND", "calico_backend")],
  volumeMounts: [mount("host-local-net-dir", "/var/lib/cni/networks"), mount("cni-bin-dir", "/host/opt/cni/bin")],
  securityContext: { privileged: true },
});
