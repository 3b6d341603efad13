import type { Release } from "../../releases/release.ts";
import type { ServicesConfig, SystemImages } from "../cluster-config.ts";
import type { ParsedCluster } from "../schema/cluster.ts";

type Services = NonNullable<ParsedCluster["services"]>;
type KubeApi = NonNullable<Services["kubeApi"]>;

/** Fills in the settings of the services. Images are always the system images: RKE ignores `image` of a service. */
export function servicesDefaults(
  services: Services,
  { release, systemImages }: { release: Release; systemImages: SystemImages },
): ServicesConfig {
  const image = systemImages.kubernetes;
  return {
    etcd: { ...etcdDefaults(services.etcd ?? {}), image: systemImages.etcd },
    kubeApi: { ...kubeApiDefaults(services.kubeApi ?? {}, release), image },
    kubeController: {
      ...services.kubeController,
      image,
      clusterCidr: services.kubeController?.clusterCidr || "10.42.0.0/16",
      serviceClusterIpRange: services.kubeController?.serviceClusterIpRange || "10.43.0.0/16",
    },
    scheduler: { ...services.scheduler, image },
    kubelet: {
      ...services.kubelet,
      image,
      clusterDomain: services.kubelet?.clusterDomain || "cluster.local",
      clusterDnsServer: services.kubelet?.clusterDnsServer || "10.43.0.10",
      infraContainerImage: services.kubelet?.infraContainerImage || systemImages.podInfraContainer,
    },
    kubeproxy: { ...services.kubeproxy, image },
  };
}

/** Whether the person brings an own admission configuration: RKE then makes none and fills nothing in for it. */
export const hasOwnAdmissionFile = ({ extraArgs }: Pick<KubeApi, "extraArgs">): boolean =>
  extraArgs?.["admission-control-config-file"] !== undefined;

/** The audit policy RKE deploys when none is given. */
export const defaultAuditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  metadata: { creationTimestamp: null },
  rules: [{ level: "Metadata" }],
};

/** The configuration of EventRateLimit when none is given. */
export const defaultEventRateLimit = {
  apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
  kind: "Configuration",
  limits: [{ type: "Server", qps: 5000, burst: 20000 }],
};

function etcdDefaults(etcd: NonNullable<Services["etcd"]>): Omit<ServicesConfig["etcd"], "image"> {
  const { backupConfig } = etcd;
  return {
    ...etcd,
    snapshot: etcd.snapshot ?? true,
    retention: etcd.retention || "72h",
    creation: etcd.creation || "12h",
    extraArgs: { "election-timeout": "5000", "heartbeat-interval": "500", ...etcd.extraArgs },
    ...(backupConfig && {
      backupConfig:
        backupConfig.enabled === false
          ? backupConfig
          : {
              ...backupConfig,
              intervalHours: backupConfig.intervalHours || 12,
              retention: backupConfig.retention || 6,
              timeout: backupConfig.timeout || 300,
            },
    }),
  };
}

function kubeApiDefaults(kubeApi: KubeApi, release: Release): Omit<ServicesConfig["kubeApi"], "image"> {
  const ownAdmissionFile = hasOwnAdmissionFile(kubeApi);
  const { eventRateLimit } = kubeApi;
  return {
    ...kubeApi,
    serviceClusterIpRange: kubeApi.serviceClusterIpRange || "10.43.0.0/16",
    serviceNodePortRange: kubeApi.serviceNodePortRange || "30000-32767",
    ...(release.podSecurity.supported &&
      !ownAdmissionFile && { podSecurityConfiguration: kubeApi.podSecurityConfiguration || ("privileged" as const) }),
    ...auditLogDefaults(kubeApi, release),
    ...(eventRateLimit?.enabled &&
      eventRateLimit.configuration === undefined &&
      !ownAdmissionFile && { eventRateLimit: { ...eventRateLimit, configuration: defaultEventRateLimit } }),
  };
}

/** An audit log without a configuration gets all of it; one with a configuration gets only the policy, as in RKE. */
function auditLogDefaults({ auditLog }: KubeApi, release: Release): Pick<KubeApi, "auditLog"> {
  const log = auditLog ?? (release.auditsByDefault ? { enabled: true } : undefined);
  if (log === undefined) return {};
  if (!log.enabled) return { auditLog: log };
  return {
    auditLog: {
      ...log,
      configuration: log.configuration
        ? { policy: defaultAuditPolicy, ...log.configuration }
        : {
            maxAge: 30,
            maxBackup: 10,
            maxSize: 100,
            path: "/var/log/kube-audit/audit-log.json",
            format: "json",
            policy: defaultAuditPolicy,
          },
    },
  };
}
