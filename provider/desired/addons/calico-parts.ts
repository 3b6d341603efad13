import type { CalicoTraits } from "../../releases/addon-traits.ts";
import { type Labels, type Manifest, manifest } from "./manifest.ts";
import { calicoGroup, clusterRole, type Rule, rule } from "./rbac.ts";
import {
  configEnv,
  deployment,
  env,
  fieldEnv,
  hostPath,
  mount,
  onLinux,
  runtimeSeccomp,
  type Toleration,
} from "./workload.ts";

/** What Canal and Calico have in common: Calico's agent, its controllers and their rights. */

export const namespace = "kube-system";
export const kubeControllers = "calico-kube-controllers";
export const cniAccount = { name: "calico-cni-plugin", namespace };

const ifNotPresent = { imagePullPolicy: "IfNotPresent" };
const privileged = { securityContext: { privileged: true } };
const servicesEndpoint = { envFrom: [{ configMapRef: { name: "kubernetes-services-endpoint", optional: true } }] };
const calicoRule = (resources: string, verbs: string): Rule => rule(calicoGroup, resources, verbs);

/** The CNI configuration. Its installer puts in the values between underscores, the MTU as a number. */
export function cniConfig({ limitsBandwidth }: CalicoTraits, ipam: Labels): string {
  const plugins = [
    {
      type: "calico",
      log_level: "info",
      log_file_path: "/var/log/calico/cni/cni.log",
      datastore_type: "kubernetes",
      nodename: "__KUBERNETES_NODE_NAME__",
      mtu: "__CNI_MTU__",
      ipam,
      policy: { type: "k8s" },
      kubernetes: { kubeconfig: "__KUBECONFIG_FILEPATH__" },
    },
    { type: "portmap", snat: true, capabilities: { portMappings: true } },
    ...(limitsBandwidth ? [{ type: "bandwidth", capabilities: { bandwidth: true } }] : []),
  ];
  const config = { name: "k8s-pod-network", cniVersion: "0.3.1", plugins };
  return JSON.stringify(config, undefined, 2).replace('"__CNI_MTU__"', "__CNI_MTU__");
}

/** The rights of the controllers, with those of the versions in between. */
export function controllersRole({ hasTiers, hasStagedPolicies }: CalicoTraits): Manifest {
  const ipam = ["blockaffinities", "ipamblocks", "ipamhandles"];
  const watched = [...ipam, ...(hasStagedPolicies ? ["ipamconfigs"] : []), ...(hasTiers ? ["tiers"] : [])];
  return clusterRole({ name: kubeControllers }, [
    rule("", "nodes", "watch list get"),
    rule("", "pods", "get list watch"),
    ...(hasStagedPolicies ? [rule("", "services services/status", "get list update watch")] : []),
    calicoRule("ipreservations", "list"),
    calicoRule(watched.join(" "), "get list create update delete watch"),
    calicoRule("ippools", "list watch"),
    calicoRule("hostendpoints", `get list create update delete${hasStagedPolicies ? " watch" : ""}`),
    calicoRule("clusterinformations", "get list create update watch"),
    calicoRule("kubecontrollersconfigurations", `get ${hasStagedPolicies ? "list " : ""}create update watch`),
  ]);
}

/** The rights of the agent on every node. `tokens` are the accounts it may make tokens for. */
export function agentRules(
  { hasTiers, hasStagedPolicies }: CalicoTraits,
  { tokens }: { tokens: readonly string[] },
): readonly Rule[] {
  const adminPolicies = hasStagedPolicies
    ? "adminnetworkpolicies baselineadminnetworkpolicies"
    : "adminnetworkpolicies";
  return [
    rule("", "serviceaccounts/token", "create", tokens),
    rule("", "pods nodes namespaces", "get"),
    rule("discovery.k8s.io", "endpointslices", "watch list"),
    rule("", "endpoints services", "watch list get"),
    rule("", "configmaps", "get"),
    rule("", "nodes/status", "patch update"),
    rule("networking.k8s.io", "networkpolicies", "watch list"),
    ...(hasTiers ? [rule("policy.networking.k8s.io", adminPolicies, "watch list")] : []),
    rule("", "pods namespaces serviceaccounts", "list watch"),
    rule("", "pods/status", "patch"),
    calicoRule(resourcesRead({ hasTiers, hasStagedPolicies }).join(" "), "get list watch"),
    ...(hasStagedPolicies ? [calicoRule("tiers", "create")] : []),
    calicoRule("ippools felixconfigurations clusterinformations", "create update"),
    calicoRule("caliconodestatuses", "update"),
    rule("", "nodes", "get list watch"),
    calicoRule("bgpconfigurations bgppeers", "create update"),
  ];
}

const resourcesRead = ({ hasTiers, hasStagedPolicies }: Pick<CalicoTraits, "hasTiers" | "hasStagedPolicies">) => [
  ..."globalfelixconfigs felixconfigurations bgppeers bgpfilters globalbgpconfigs bgpconfigurations".split(" "),
  ..."ippools ipreservations ipamblocks globalnetworkpolicies".split(" "),
  ...(hasStagedPolicies
    ? "stagedglobalnetworkpolicies networkpolicies stagednetworkpolicies stagedkubernetesnetworkpolicies globalnetworksets"
    : "globalnetworksets networkpolicies"
  ).split(" "),
  ..."networksets clusterinformations hostendpoints blockaffinities caliconodestatuses".split(" "),
  ...(hasTiers ? ["tiers"] : []),
];

/** Makes the file systems of BPF on the machine, where they are missing. */
export const mountBpffs = (image: string) => ({
  name: "mount-bpffs",
  image,
  ...ifNotPresent,
  command: ["calico-node", "-init", "-best-effort"],
  volumeMounts: [
    mount("sys-fs", "/sys/fs", { mountPropagation: "Bidirectional" }),
    mount("var-run-calico", "/var/run/calico", { mountPropagation: "Bidirectional" }),
    mount("nodeproc", "/nodeproc", { readOnly: true }),
  ],
  ...privileged,
});

interface InstallCni {
  readonly image: string;
  readonly config: string;
  readonly fileName: string;
  /** Whether the installer is told whose token it should use. */
  readonly namesAccount: boolean;
}

/** Puts the plugins and their configuration on the machine. */
export const installCni = ({ image, config, fileName, namesAccount }: InstallCni) => ({
  name: "install-cni",
  image,
  ...ifNotPresent,
  command: ["/opt/cni/bin/install"],
  ...servicesEndpoint,
  env: [
    ...(namesAccount ? [fieldEnv("CALICO_CNI_SERVICE_ACCOUNT", "spec.serviceAccountName")] : []),
    env("CNI_CONF_NAME", fileName),
    configEnv("CNI_NETWORK_CONFIG", { name: config, key: "cni_network_config" }),
    fieldEnv("KUBERNETES_NODE_NAME", "spec.nodeName"),
    configEnv("CNI_MTU", { name: config, key: "veth_mtu" }),
    env("SLEEP", "false"),
  ],
  volumeMounts: [mount("cni-bin-dir", "/host/opt/cni/bin"), mount("cni-net-dir", "/host/etc/cni/net.d")],
  ...privileged,
});

/** Calico's agent. It carries pods' traffic between nodes in Calico, and keeps to policies in both. */
export const agent = ({ image, variables, liveness, readinessProbe }: Agent) => ({
  name: "calico-node",
  image,
  ...ifNotPresent,
  ...servicesEndpoint,
  env: variables,
  ...privileged,
  resources: { requests: { cpu: "250m" } },
  lifecycle: { preStop: { exec: { command: ["/bin/calico-node", "-shutdown"] } } },
  livenessProbe: {
    exec: { command: ["/bin/calico-node", ...liveness] },
    periodSeconds: 10,
    initialDelaySeconds: 10,
    failureThreshold: 6,
    timeoutSeconds: 10,
  },
  readinessProbe: { ...readinessProbe, periodSeconds: 10, timeoutSeconds: 10 },
  volumeMounts: [
    mount("cni-net-dir", "/host/etc/cni/net.d", { readOnly: false }),
    mount("lib-modules", "/lib/modules", { readOnly: true }),
    mount("xtables-lock", "/run/xtables.lock", { readOnly: false }),
    mount("var-run-calico", "/var/run/calico", { readOnly: false }),
    mount("var-lib-calico", "/var/lib/calico", { readOnly: false }),
    mount("policysync", "/var/run/nodeagent"),
    mount("bpffs", "/sys/fs/bpf"),
    mount("cni-log-dir", "/var/log/calico/cni", { readOnly: true }),
  ],
});

interface Agent {
  readonly image: string;
  readonly variables: readonly object[];
  /** Which parts must be alive: `-felix-live`. */
  readonly liveness: readonly string[];
  readonly readinessProbe: object;
}

/** How Felix, the part that keeps to policies, is set. */
export const felixVariables = ({ ipv6 = false }: { ipv6?: boolean } = {}) => [
  env("CALICO_DISABLE_FILE_LOGGING", "true"),
  env("FELIX_DEFAULTENDPOINTTOHOSTACTION", "ACCEPT"),
  env("FELIX_IPV6SUPPORT", String(ipv6)),
  env("FELIX_LOGFILEPATH", "none"),
  env("FELIX_LOGSEVERITYSYS", ""),
  env("FELIX_LOGSEVERITYSCREEN", "Warning"),
  env("FELIX_HEALTHENABLED", "true"),
  env("FELIX_IPTABLESBACKEND", "auto"),
];

/** The places on the machine that the agent and its installer work in; `others` stand after those of BPF. */
export function agentVolumes({ makesDirectories }: CalicoTraits, others: readonly object[]): readonly object[] {
  const made = makesDirectories ? "DirectoryOrCreate" : undefined;
  return [
    hostPath("lib-modules", "/lib/modules"),
    hostPath("var-run-calico", "/var/run/calico", made),
    hostPath("var-lib-calico", "/var/lib/calico", made),
    hostPath("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
    hostPath("sys-fs", "/sys/fs/", "DirectoryOrCreate"),
    hostPath("bpffs", "/sys/fs/bpf", "Directory"),
    hostPath("nodeproc", "/proc"),
    ...others,
    hostPath("cni-bin-dir", "/opt/cni/bin", made),
    hostPath("cni-net-dir", "/etc/cni/net.d"),
    hostPath("cni-log-dir", "/var/log/calico/cni"),
  ];
}

export const policysync = hostPath("policysync", "/var/run/nodeagent", "DirectoryOrCreate");

interface Controllers {
  readonly image: string;
  readonly enabled: string;
  readonly account: string | undefined;
  readonly priorityClassName: string;
  readonly tolerations: readonly Toleration[];
  readonly podAnnotations?: Labels;
}

/** One pod that clears up after nodes that are gone. */
export function controllers(
  { hasTiers }: CalicoTraits,
  { image, enabled, account, priorityClassName, tolerations, podAnnotations }: Controllers,
): Manifest {
  const name = kubeControllers;
  return deployment(
    { name, namespace, labels: { "k8s-app": name } },
    {
      selector: { "k8s-app": name },
      replicas: 1,
      strategy: { strategy: "Recreate" },
      podName: { name, namespace },
      podAnnotations,
      pod: {
        nodeSelector: onLinux,
        ...(hasTiers && { securityContext: runtimeSeccomp }),
        tolerations,
        serviceAccountName: account,
        priorityClassName,
        containers: [
          {
            name,
            image,
            ...ifNotPresent,
            env: [env("ENABLED_CONTROLLERS", enabled), env("DATASTORE_TYPE", "kubernetes")],
            livenessProbe: {
              exec: { command: ["/usr/bin/check-status", "-l"] },
              periodSeconds: 10,
              initialDelaySeconds: 10,
              failureThreshold: 6,
              timeoutSeconds: 10,
            },
            readinessProbe: { exec: { command: ["/usr/bin/check-status", "-r"] }, periodSeconds: 10 },
            ...(hasTiers && { securityContext: { runAsNonRoot: true } }),
          },
        ],
      },
    },
  );
}

/** The controllers may be moved, but not all at once. */
export const controllersBudget = (): Manifest =>
  manifest(
    "policy/v1",
    "PodDisruptionBudget",
    { name: kubeControllers, namespace, labels: { "k8s-app": kubeControllers } },
    { spec: { maxUnavailable: 1, selector: { matchLabels: { "k8s-app": kubeControllers } } } },
  );

/** Who lists tiers on behalf of those who may read policies. */
export const tierGetter = "calico-tier-getter";
export const tierGetterRole = (): Manifest =>
  clusterRole({ name: tierGetter }, [rule("projectcalico.org", "tiers", "get")]);

/** What keeps the agent where it is: on every Linux node, whatever its taints, before anything else is. */
export const agentPod = ({ hasTiers }: CalicoTraits) => ({
  hostNetwork: true,
  ...(hasTiers && { securityContext: runtimeSeccomp }),
  tolerations: [
    { effect: "NoSchedule" as const, operator: "Exists" as const },
    { key: "CriticalAddonsOnly", operator: "Exists" as const },
    { effect: "NoExecute" as const, operator: "Exists" as const },
  ],
  terminationGracePeriodSeconds: 0,
});
