import type { ClusterConfig } from "../../config/cluster-config.ts";
import { corednsTraits } from "../../releases/addon-traits.ts";
import type { AddonContext } from "./addon-context.ts";
import { dnsAutoscaler } from "./dns-autoscaler.ts";
import { configMap, type Manifest, service } from "./manifest.ts";
import { clusterRole, clusterRoleBinding, rule, serviceAccount } from "./rbac.ts";
import {
  apartFrom,
  configVolume,
  deployment,
  everyTaint,
  isWorker,
  mount,
  requiredNodes,
  runtimeSeccomp,
} from "./workload.ts";

const namespace = "kube-system";
const labels = { "k8s-app": "kube-dns" };
const bootstrapping = { "kubernetes.io/bootstrapping": "rbac-defaults" };

/** CoreDNS on the workers, as many as the autoscaler says. */
export function coredns({ config, template, hasRbac }: AddonContext): readonly Manifest[] {
  const { osLabel, hasSeccompProfile } = corednsTraits(template);
  const { dns, services, systemImages: images } = config;
  const options = dns.options ?? {};
  const onLinux = { [osLabel]: "linux" };
  const account = { name: "coredns", namespace };
  return [
    ...(hasRbac
      ? [
          serviceAccount(account),
          clusterRole({ name: "system:coredns", labels: bootstrapping }, [
            rule("", "endpoints services pods namespaces", "list watch"),
            rule("discovery.k8s.io", "endpointslices", "list watch"),
          ]),
          clusterRoleBinding(
            {
              name: "system:coredns",
              labels: bootstrapping,
              annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
            },
            account,
          ),
        ]
      : []),
    configMap({ name: "coredns", namespace }, { Corefile: corefile(config) }),
    deployment(
      { name: "coredns", namespace, labels: { ...labels, "kubernetes.io/name": "CoreDNS" } },
      {
        selector: labels,
        strategy: dns.updateStrategy,
        podAnnotations: { "seccomp.security.alpha.kubernetes.io/pod": "docker/default" },
        pod: {
          priorityClassName: options.coredns_priority_class_name || "system-cluster-critical",
          serviceAccountName: hasRbac ? account.name : undefined,
          nodeSelector: { ...onLinux, ...dns.nodeSelector },
          tolerations: dns.tolerations ?? [{ key: "CriticalAddonsOnly", operator: "Exists" }, ...everyTaint],
          affinity: { ...apartFrom("kube-dns"), ...requiredNodes(isWorker) },
          dnsPolicy: "Default",
          containers: [server(images.coredns, { hasSeccompProfile })],
          volumes: [configVolume("config-volume", "coredns", { items: [{ key: "Corefile", path: "Corefile" }] })],
        },
      },
    ),
    service(
      {
        name: "kube-dns",
        namespace,
        annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
        labels: { ...labels, "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS" },
      },
      {
        selector: labels,
        clusterIP: services.kubelet.clusterDnsServer,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
          { name: "metrics", port: 9153, protocol: "TCP" },
        ],
      },
    ),
    ...dnsAutoscaler(dns, {
      name: "coredns-autoscaler",
      target: "coredns",
      image: images.corednsAutoscaler,
      flags: [`--nodelabels=node-role.kubernetes.io/worker=true,${osLabel}=linux`],
      container: autoscalerProbes,
      pod: {
        nodeSelector: onLinux,
        affinity: requiredNodes(isWorker),
        priorityClassName: options.coredns_autoscaler_priority_class_name || undefined,
      },
      hasRbac,
    }),
  ];
}

function corefile({ dns, services }: ClusterConfig): string {
  const listed = (items: readonly string[] | undefined, otherwise: string) =>
    items !== undefined && items.length > 0 ? items.join(" ") : otherwise;
  return [
    ".:53 {",
    "    errors",
    "    health {",
    "      lameduck 5s",
    "    }",
    "    ready",
    `    kubernetes ${services.kubelet.clusterDomain} ${listed(dns.reversecidrs, "in-addr.arpa ip6.arpa")} {`,
    "      pods insecure",
    "      fallthrough in-addr.arpa ip6.arpa",
    "    }",
    "    prometheus :9153",
    `    forward . ${listed(dns.upstreamnameservers, '"/etc/resolv.conf"')}`,
    "    cache 30",
    "    loop",
    "    reload",
    "    loadbalance",
    "}",
  ].join("\n");
}

const server = (image: string, { hasSeccompProfile }: { hasSeccompProfile: boolean }) => ({
  name: "coredns",
  image,
  imagePullPolicy: "IfNotPresent",
  resources: { limits: { memory: "170Mi" }, requests: { cpu: "100m", memory: "70Mi" } },
  args: ["-conf", "/etc/coredns/Corefile"],
  volumeMounts: [mount("config-volume", "/etc/coredns", { readOnly: true })],
  ports: [
    { containerPort: 53, name: "dns", protocol: "UDP" },
    { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
    { containerPort: 9153, name: "metrics", protocol: "TCP" },
  ],
  livenessProbe: {
    httpGet: { path: "/health", port: 8080, scheme: "HTTP" },
    initialDelaySeconds: 60,
    timeoutSeconds: 5,
    successThreshold: 1,
    failureThreshold: 5,
  },
  readinessProbe: { httpGet: { path: "/ready", port: 8181, scheme: "HTTP" } },
  securityContext: {
    ...(hasSeccompProfile && runtimeSeccomp),
    allowPrivilegeEscalation: false,
    capabilities: { add: ["NET_BIND_SERVICE"], drop: ["all"] },
    readOnlyRootFilesystem: true,
  },
});

const autoscalerHealth = { httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" }, periodSeconds: 10 };

const autoscalerProbes = {
  livenessProbe: {
    ...autoscalerHealth,
    initialDelaySeconds: 60,
    timeoutSeconds: 5,
    successThreshold: 1,
    failureThreshold: 5,
  },
  readinessProbe: { ...autoscalerHealth, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 },
};
