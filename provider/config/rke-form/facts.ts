import { type GoType, list, struct, time } from "./go-type.ts";
import {
  admissionConfiguration,
  auditPolicy,
  encryptionConfiguration,
  eventRateLimitConfiguration,
  toleration,
  updateStrategy,
} from "./kubernetes-types.ts";
import { envVar, volumeMount } from "./pod-types.ts";
import { volume } from "./volume-types.ts";

/** What RKE's Go types say beyond our schema, by the place of a key in it. */

/** Blocks that are always there, empty if need be. All others are pointers: absent, or there. */
export const inPlace: ReadonlySet<string> = new Set([
  "services",
  "services.etcd",
  "services.kubeApi",
  "services.kubeController",
  "services.scheduler",
  "services.kubelet",
  "services.kubeproxy",
  "network",
  "authentication",
  "authorization",
  "systemImages",
  "ingress",
  "cloudProvider",
  "cloudProvider.awsCloudProvider.global",
  "cloudProvider.openstackCloudProvider.global",
  "cloudProvider.openstackCloudProvider.loadBalancer",
  "cloudProvider.openstackCloudProvider.blockStorage",
  "cloudProvider.openstackCloudProvider.route",
  "cloudProvider.openstackCloudProvider.metadata",
  "cloudProvider.vsphereCloudProvider.global",
  "cloudProvider.vsphereCloudProvider.network",
  "cloudProvider.vsphereCloudProvider.disk",
  "cloudProvider.vsphereCloudProvider.workspace",
  "bastionHost",
  "monitoring",
  "restore",
]);

/** Single values for which "not given" is not the same as zero or false. */
export const pointers: ReadonlySet<string> = new Set([
  "ignoreDockerVersion",
  "enableCriDockerd",
  "nodes.taints.timeAdded",
  "services.etcd.snapshot",
  "services.etcd.backupConfig.enabled",
  "network.enableBrNetfilter",
  "ingress.defaultBackend",
  "ingress.defaultIngressClass",
  "monitoring.replicas",
  "cloudProvider.useInstanceMetadataHostname",
  "cloudProvider.azureCloudProvider.excludeMasterFromStandardLB",
  "upgradeStrategy.drain",
  "upgradeStrategy.nodeDrainInput.ignoreDaemonSets",
]);

/** Which keys: exactly these places, everything below one (`.*`), and exceptions (`!`). The last that fits decides. */
type Pattern = string;

/** Keys that a state file has even when they are empty. */
export const alwaysInState: readonly Pattern[] = [
  "sshAgentAuth",
  "ignoreDockerVersion",
  "enableCriDockerd",
  "rotateEncryptionKey",
  "services.etcd.backupConfig.s3BackupConfig",
  "services.etcd.backupConfig.s3BackupConfig.endpoint",
  "network.enableBrNetfilter",
  "network.calicoNetworkProvider.cloudProvider",
  "network.canalNetworkProvider.iface",
  "network.flannelNetworkProvider.iface",
  "cloudProvider.awsCloudProvider.*",
  "!cloudProvider.awsCloudProvider.serviceOverride",
  "cloudProvider.azureCloudProvider.*",
  "!cloudProvider.azureCloudProvider.securityGroupResourceGroup",
  "!cloudProvider.azureCloudProvider.userAssignedIdentityID",
  "!cloudProvider.azureCloudProvider.loadBalancerSku",
  "!cloudProvider.azureCloudProvider.excludeMasterFromStandardLB",
  "!cloudProvider.azureCloudProvider.tags",
  "cloudProvider.openstackCloudProvider.*",
  "cloudProvider.harvesterCloudProvider.cloudConfig",
  "upgradeStrategy.nodeDrainInput.timeout",
];

/** Keys that RKE's YAML does not have when they are empty. */
export const leftOutOfYaml: readonly Pattern[] = [
  "nodes.nodeName",
  "nodes.sshAgentAuth",
  "nodes.taints.timeAdded",
  "services.etcd.backupConfig.s3BackupConfig",
  "network.calicoNetworkProvider",
  "network.canalNetworkProvider",
  "network.flannelNetworkProvider",
  "network.weaveNetworkProvider",
  "network.weaveNetworkProvider.password",
  "network.aciNetworkProvider",
  "network.aciNetworkProvider.*",
  "!network.aciNetworkProvider.apicHosts",
  "!network.aciNetworkProvider.l3outExternalNetworks",
  "cloudProvider.useInstanceMetadataHostname",
  "cloudProvider.awsCloudProvider",
  "cloudProvider.awsCloudProvider.serviceOverride",
  "cloudProvider.azureCloudProvider",
  "cloudProvider.azureCloudProvider.securityGroupResourceGroup",
  "cloudProvider.azureCloudProvider.userAssignedIdentityID",
  "cloudProvider.azureCloudProvider.loadBalancerSku",
  "cloudProvider.azureCloudProvider.excludeMasterFromStandardLB",
  "cloudProvider.azureCloudProvider.tags",
  "cloudProvider.openstackCloudProvider",
  "cloudProvider.vsphereCloudProvider",
  "cloudProvider.vsphereCloudProvider.*",
  "cloudProvider.harvesterCloudProvider",
  "cloudProvider.customCloudProvider",
  "bastionHost.sshAgentAuth",
  "rotateCertificates",
  "upgradeStrategy",
];

/** Parts that RKE reads with Kubernetes' types. */
export const kubernetesTypes: Readonly<Partial<Record<string, GoType>>> = {
  "nodes.taints.timeAdded": time,
  "services.kubeApi.auditLog.configuration.policy": auditPolicy,
  "services.kubeApi.admissionConfiguration": admissionConfiguration,
  "services.kubeApi.eventRateLimit.configuration": eventRateLimitConfiguration,
  "services.kubeApi.secretsEncryptionConfig.customConfig": encryptionConfiguration,
  "network.updateStrategy": updateStrategy,
  "network.tolerations": list(toleration),
  "ingress.updateStrategy": updateStrategy,
  "ingress.tolerations": list(toleration),
  "ingress.extraEnvs": list(struct({ "...EnvVar": envVar })),
  "ingress.extraVolumes": list(struct({ "...Volume": volume })),
  "ingress.extraVolumeMounts": list(struct({ "...VolumeMount": volumeMount })),
  "dns.updateStrategy": updateStrategy,
  "dns.tolerations": list(toleration),
  "dns.nodelocal.updateStrategy": updateStrategy,
  "monitoring.updateStrategy": updateStrategy,
  "monitoring.tolerations": list(toleration),
};

export function matches(patterns: readonly Pattern[], path: string): boolean {
  const last = patterns.findLast((pattern) => fits(pattern.replace(/^!/, ""), path));
  return last !== undefined && !last.startsWith("!");
}

const fits = (pattern: string, path: string): boolean =>
  pattern.endsWith(".*") ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
