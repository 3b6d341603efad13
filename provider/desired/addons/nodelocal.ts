import type { AddonContext } from "./addon-context.ts";
import { configMap, type Manifest, service } from "./manifest.ts";
import { serviceAccount } from "./rbac.ts";
import { configVolume, daemonSet, hostPath, isNotWindows, mount, requiredNodes } from "./workload.ts";

const namespace = "kube-system";
const name = "node-local-dns";
const reconciled = { "addonmanager.kubernetes.io/mode": "Reconcile" };
const managed = { "kubernetes.io/cluster-service": "true", ...reconciled };

/** A DNS cache on every node, at an address of its own and at that of the cluster's DNS. */
export function nodelocal({ config }: AddonContext): readonly Manifest[] {
  const { dns, services, systemImages: images } = config;
  const { ipAddress = "", nodeSelector, updateStrategy, nodeLocalDnsPriorityClassName } = dns.nodelocal ?? {};
  const { clusterDomain, clusterDnsServer } = services.kubelet;
  return [
    serviceAccount({ name, namespace, labels: managed }),
    service(
      {
        name: "kube-dns-upstream",
        namespace,
        labels: { "k8s-app": "kube-dns", ...managed, "kubernetes.io/name": "KubeDNSUpstream" },
      },
      {
        ports: [
          { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "dns-tcp", port: 53, protocol: "TCP", targetPort: 53 },
        ],
        selector: { "k8s-app": "kube-dns" },
      },
    ),
    configMap(
      { name, namespace, labels: reconciled },
      { Corefile: corefile({ domain: clusterDomain, local: ipAddress, cluster: clusterDnsServer }) },
    ),
    daemonSet(
      { name, namespace, labels: { "k8s-app": name, ...managed } },
      {
        selector: { "k8s-app": name },
        strategy: updateStrategy ?? { rollingUpdate: { maxUnavailable: 1 } },
        pod: {
          priorityClassName: nodeLocalDnsPriorityClassName || "system-node-critical",
          serviceAccountName: name,
          hostNetwork: true,
          dnsPolicy: "Default",
          nodeSelector,
          tolerations: [{ operator: "Exists" }],
          affinity: requiredNodes(isNotWindows),
          containers: [
            {
              name: "node-cache",
              image: images.nodelocal,
              resources: { requests: { cpu: "25m", memory: "5Mi" } },
              args: [
                "-localip",
                `${ipAddress},${clusterDnsServer}`,
                "-conf",
                "/etc/Corefile",
                "-upstreamsvc",
                "kube-dns-upstream",
              ],
              securityContext: { privileged: true },
              ports: [
                { containerPort: 53, name: "dns", protocol: "UDP" },
                { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
                { containerPort: 9253, name: "metrics", protocol: "TCP" },
              ],
              livenessProbe: {
                httpGet: { host: ipAddress, path: "/health", port: 8080 },
                initialDelaySeconds: 60,
                timeoutSeconds: 5,
              },
              volumeMounts: [
                mount("xtables-lock", "/run/xtables.lock", { readOnly: false }),
                mount("config-volume", "/etc/coredns"),
                mount("kube-dns-config", "/etc/kube-dns"),
              ],
            },
          ],
          volumes: [
            hostPath("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
            configVolume("kube-dns-config", "kube-dns", { optional: true }),
            configVolume("config-volume", name, { items: [{ key: "Corefile", path: "Corefile.base" }] }),
          ],
        },
      },
    ),
    service(
      { name, namespace, labels: { "k8s-app": name } },
      {
        clusterIP: "None",
        ports: [{ name: "metrics", port: 9253, targetPort: 9253 }],
        selector: { "k8s-app": name },
      },
    ),
  ];
}

/** Names between underscores are filled in by the cache itself, which watches the Service of the cluster's DNS. */
function corefile({ domain, local, cluster }: { domain: string; local: string; cluster: string }): string {
  const inCluster = ["forward . __PILLAR__CLUSTER__DNS__ {", "        force_tcp", "}"];
  const zone = (name: string, { cache, forward, health = [] }: Zone) =>
    [
      `${name}:53 {`,
      ...[
        "errors",
        ...cache,
        "reload",
        "loop",
        `bind ${local} ${cluster}`,
        ...forward,
        "prometheus :9253",
        ...health,
      ].map((line) => `    ${line}`),
      "    }",
    ].join("\n");
  return [
    zone(domain, {
      cache: ["cache {", "        success 9984 30", "        denial 9984 5", "}"],
      forward: inCluster,
      health: [`health ${local}:8080`],
    }),
    zone("in-addr.arpa", { cache: ["cache 30"], forward: inCluster }),
    zone("ip6.arpa", { cache: ["cache 30"], forward: inCluster }),
    zone(".", { cache: ["cache 30"], forward: ["forward . __PILLAR__UPSTREAM__SERVERS__"] }),
  ].join("\n");
}

interface Zone {
  readonly cache: readonly string[];
  readonly forward: readonly string[];
  readonly health?: readonly string[];
}
