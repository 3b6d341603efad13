import type { z } from "zod";

import type { Release } from "../../releases/release.ts";
import type { ClusterConfig } from "../cluster-config.ts";
import type { ParsedCluster } from "../schema/cluster.ts";
import type { updateStrategy } from "../schema/values.ts";

type Section<K extends keyof ParsedCluster> = NonNullable<ParsedCluster[K]>;
type UpdateStrategy = z.output<typeof updateStrategy>;

/** Fills in the settings of the ingress controller. */
export function ingressDefaults(ingress: Section<"ingress">, release: Release): ClusterConfig["ingress"] {
  return {
    ...ingress,
    provider: ingress.provider || "nginx",
    networkMode: ingress.networkMode || release.ingressDefaults.networkMode,
    httpPort: ingress.httpPort || 80,
    httpsPort: ingress.httpsPort || 443,
    defaultBackend: ingress.defaultBackend ?? release.ingressDefaults.defaultBackend,
    defaultIngressClass: ingress.defaultIngressClass ?? true,
    updateStrategy: daemonSetStrategy(ingress.updateStrategy),
  };
}

/** Fills in the settings of DNS. The parameters of the autoscaler are given all together or not at all. */
export function dnsDefaults(dns: Section<"dns">, release: Release): ClusterConfig["dns"] {
  const provider = dns.provider || release.defaultDnsProvider;
  const strategy = dnsStrategy(dns.updateStrategy, provider);
  return {
    ...dns,
    provider,
    linearAutoscalerParams: dns.linearAutoscalerParams ?? {
      coresPerReplica: 128,
      nodesPerReplica: 4,
      min: 1,
      preventSinglePointFailure: true,
    },
    ...(strategy && { updateStrategy: strategy }),
  };
}

/** Fills in the settings of metrics-server. */
export function monitoringDefaults(monitoring: Section<"monitoring">): ClusterConfig["monitoring"] {
  return {
    ...monitoring,
    provider: monitoring.provider || "metrics-server",
    replicas: monitoring.replicas ?? 1,
    updateStrategy: deploymentStrategy(monitoring.updateStrategy),
  };
}

/** How a DaemonSet is replaced: one pod at a time, unless another strategy is given, or none; that is taken as it is. */
export function daemonSetStrategy(given: UpdateStrategy | undefined): UpdateStrategy {
  if (given !== undefined && given.strategy !== "RollingUpdate") return given;
  if (given?.rollingUpdate?.maxUnavailable !== undefined) return given;
  return { strategy: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } };
}

function deploymentStrategy(given: UpdateStrategy | undefined): UpdateStrategy {
  if (given !== undefined && given.strategy !== "RollingUpdate") return given;
  return {
    strategy: "RollingUpdate",
    rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%", ...given?.rollingUpdate },
  };
}

/** CoreDNS may lose a pod before there is a new one; kube-dns makes the new one first. Here no strategy is a rolling one. */
function dnsStrategy(given: UpdateStrategy | undefined, provider: string): UpdateStrategy | undefined {
  const standard = dnsRollingUpdate[provider];
  const isRolling = !given?.strategy || given.strategy === "RollingUpdate";
  if (standard === undefined || !isRolling) return given;
  const { filled, ...rest } = standard;
  if (given?.rollingUpdate === undefined) return { strategy: "RollingUpdate", rollingUpdate: { ...rest, ...filled } };
  return { ...given, rollingUpdate: { ...filled, ...given.rollingUpdate } };
}

/** `filled` is what RKE adds to a block that a person began; the rest it adds only when there is no block. */
const dnsRollingUpdate: Readonly<
  Partial<Record<string, { maxSurge?: number; maxUnavailable?: number; filled: UpdateStrategy["rollingUpdate"] }>>
> = {
  coredns: { maxSurge: 0, filled: { maxUnavailable: 1 } },
  "kube-dns": { maxUnavailable: 0, filled: { maxSurge: "10%" } },
};
