import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { AddonContext } from "./addon-context.ts";
import { dnsAutoscaler } from "./dns-autoscaler.ts";
import { configMap, type Manifest, service } from "./manifest.ts";
import { serviceAccount } from "./rbac.ts";
import {
  apartFrom,
  configVolume,
  deployment,
  env,
  everyTaint,
  isNotWindows,
  isWorker,
  mount,
  requiredNodes,
} from "./workload.ts";

const namespace = "kube-system";
const labels = { "k8s-app": "kube-dns" };
const managed = { "kubernetes.io/cluster-service": "true", "addonmanager.kubernetes.io/mode": "Reconcile" };

/** kube-dns on the workers: a resolver of the cluster's names, dnsmasq in front, and a watcher beside them. */
export function kubeDns({ config, hasRbac }: AddonContext): readonly Manifest[] {
  const { dns, services, systemImages: images } = config;
  const options = dns.options ?? {};
  const account = { name: "kube-dns", namespace };
  return [
    ...dnsAutoscaler(dns, {
      name: "kube-dns-autoscaler",
      target: "kube-dns",
      image: images.kubednsAutoscaler,
      pod: {
        affinity: requiredNodes(isNotWindows, isWorker),
        priorityClassName: options.kube_dns_autoscaler_priority_class_name || undefined,
      },
      accountLabels: managed,
      hasRbac,
    }),
    serviceAccount({ ...account, labels: managed }),
    deployment(
      { name: "kube-dns", namespace, labels: { ...labels, ...managed } },
      {
        selector: labels,
        strategy: dns.updateStrategy,
        podAnnotations: { "scheduler.alpha.kubernetes.io/critical-pod": "" },
        pod: {
          priorityClassName: options.kube_dns_priority_class_name || undefined,
          nodeSelector: dns.nodeSelector,
          affinity: { ...apartFrom("kube-dns"), ...requiredNodes(isNotWindows, isWorker) },
          tolerations: dns.tolerations ?? [{ key: "CriticalAddonsOnly", operator: "Exists" }, ...everyTaint],
          dnsPolicy: "Default",
          serviceAccountName: account.name,
          containers: [resolver(config), dnsmasq(config), watcher(config, images.kubednsSidecar)],
          volumes: [configVolume("kube-dns-config", "kube-dns", { optional: true })],
        },
      },
    ),
    service(
      {
        name: "kube-dns",
        namespace,
        labels: { ...labels, ...managed, "kubernetes.io/name": "KubeDNS" },
      },
      {
        selector: labels,
        clusterIP: services.kubelet.clusterDnsServer,
        ports: [
          { name: "dns", port: 53, protocol: "UDP" },
          { name: "dns-tcp", port: 53, protocol: "TCP" },
        ],
      },
    ),
    configMap({ name: "kube-dns", namespace }, forwarding(dns)),
  ];
}

/** Where names outside of the cluster are asked for. */
function forwarding({ upstreamnameservers = [], stubdomains = {} }: ClusterConfig["dns"]): Record<string, string> {
  return {
    ...(upstreamnameservers.length > 0 && { upstreamNameservers: JSON.stringify(upstreamnameservers) }),
    ...(Object.keys(stubdomains).length > 0 && { stubDomains: JSON.stringify(stubdomains) }),
  };
}

const liveness = (path: string) => ({
  httpGet: { path, port: 10054, scheme: "HTTP" },
  initialDelaySeconds: 60,
  timeoutSeconds: 5,
  successThreshold: 1,
  failureThreshold: 5,
});

const resolver = ({ services, systemImages }: ClusterConfig) => ({
  name: "kubedns",
  image: systemImages.kubedns,
  resources: { limits: { memory: "170Mi" }, requests: { cpu: "100m", memory: "70Mi" } },
  livenessProbe: liveness("/healthcheck/kubedns"),
  readinessProbe: {
    httpGet: { path: "/readiness", port: 8081, scheme: "HTTP" },
    initialDelaySeconds: 3,
    timeoutSeconds: 5,
  },
  args: [`--domain=${services.kubelet.clusterDomain}.`, "--dns-port=10053", "--config-dir=/kube-dns-config", "--v=2"],
  env: [env("PROMETHEUS_PORT", "10055")],
  ports: [
    { containerPort: 10053, name: "dns-local", protocol: "UDP" },
    { containerPort: 10053, name: "dns-tcp-local", protocol: "TCP" },
    { containerPort: 10055, name: "metrics", protocol: "TCP" },
  ],
  volumeMounts: [mount("kube-dns-config", "/kube-dns-config")],
});

const dnsmasq = ({ dns, services, systemImages }: ClusterConfig) => ({
  name: "dnsmasq",
  image: systemImages.dnsmasq,
  livenessProbe: liveness("/healthcheck/dnsmasq"),
  args: [
    "-v=2",
    "-logtostderr",
    "-configDir=/etc/k8s/dns/dnsmasq-nanny",
    "-restartDnsmasq=true",
    "--",
    "-k",
    "--cache-size=1000",
    "--log-facility=-",
    ...[services.kubelet.clusterDomain, ...reverseZones(dns)].map((zone) => `--server=/${zone}/127.0.0.1#10053`),
  ],
  ports: [
    { containerPort: 53, name: "dns", protocol: "UDP" },
    { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
  ],
  resources: { requests: { cpu: "150m", memory: "20Mi" } },
  volumeMounts: [mount("kube-dns-config", "/etc/k8s/dns/dnsmasq-nanny")],
});

function reverseZones({ reversecidrs }: ClusterConfig["dns"]): readonly string[] {
  return reversecidrs !== undefined && reversecidrs.length > 0 ? reversecidrs : ["in-addr.arpa", "ip6.arpa"];
}

const watcher = ({ services }: ClusterConfig, image: string) => {
  const asked = `kubernetes.default.svc.${services.kubelet.clusterDomain},5,A`;
  return {
    name: "sidecar",
    image,
    livenessProbe: liveness("/metrics"),
    args: [
      "--v=2",
      "--logtostderr",
      `--probe=kubedns,127.0.0.1:10053,${asked}`,
      `--probe=dnsmasq,127.0.0.1:53,${asked}`,
    ],
    ports: [{ containerPort: 10054, name: "metrics", protocol: "TCP" }],
    resources: { requests: { cpu: "10m", memory: "20Mi" } },
  };
};
