import { z } from "zod";

import { backupConfig } from "./backup.ts";
import { named, secret } from "./naming.ts";
import { count, flag, jsonObject, text, textMap, texts } from "./values.ts";

const argsArray = () => z.record(z.string(), z.array(z.string())).optional();

/** What every service takes. */
const common = {
  /** Ignored, as in RKE: the images of services come from `systemImages`. */
  image: text(),
  /** Flags, by name and without dashes. They replace what RKE would set. */
  extraArgs: textMap(),
  /** Flags that are given more than once. They are added to what RKE sets. */
  extraArgsArray: argsArray(),
  /** Mounts, as `host:container[:options]`. */
  extraBinds: texts(),
  /** Environment variables, as `NAME=value`. */
  extraEnv: texts(),
  /** On Windows nodes in the place of `extraArgs` (kubelet and kube-proxy). */
  winExtraArgs: textMap(),
  /** On Windows nodes in the place of `extraArgsArray` (kubelet and kube-proxy). */
  winExtraArgsArray: argsArray(),
  /** On Windows nodes in the place of `extraBinds` (kubelet and kube-proxy). */
  winExtraBinds: texts(),
  /** On Windows nodes in the place of `extraEnv` (kubelet and kube-proxy). */
  winExtraEnv: texts(),
};

export const etcdService = z.strictObject({
  ...common,
  /** Use an etcd that exists already. No node may then have the role etcd. */
  externalUrls: texts(),
  /** CA certificate of the external etcd, as PEM text. */
  caCert: text(),
  /** Client certificate for the external etcd, as PEM text. */
  cert: text(),
  /** Private key for the external etcd, as PEM text. */
  key: secret(text()),
  /** Prefix of the keys in the external etcd. */
  path: text(),
  /** User that owns the data directory. Has an effect only together with `gid`. */
  uid: count(),
  /** Group that owns the data directory. Has an effect only together with `uid`. */
  gid: count(),
  /** Take recurring snapshots. Default: true. */
  snapshot: flag(),
  /** How long snapshots are kept when there is no `backupConfig`. Default: 72h. */
  retention: text(),
  /** Time between snapshots when there is no `backupConfig`. Default: 12h. */
  creation: text(),
  backupConfig: backupConfig.optional(),
});

const auditLogConfiguration = z.strictObject({
  /** Days that audit logs are kept. */
  maxAge: count(),
  /** Number of rotated files that are kept. */
  maxBackup: count(),
  /** Megabytes per file. */
  maxSize: count(),
  /** File on the control plane nodes; /var/log/kube-audit/audit-log.json where no `configuration` is given. */
  path: text(),
  /** `json` or `legacy`; json where no `configuration` is given. */
  format: text(),
  /** A Policy of audit.k8s.io/v1. Default: one rule, level Metadata. */
  policy: jsonObject().optional(),
});

const auditLog = z.strictObject({
  /** A block that is given without it switches the log off, as in RKE. */
  enabled: flag(),
  configuration: auditLogConfiguration.optional(),
});

const eventRateLimit = z.strictObject({
  /** Turn on the admission plugin EventRateLimit. */
  enabled: flag(),
  /** A Configuration of eventratelimit.admission.k8s.io/v1alpha1. Default: 5000 per second, bursts of 20000, for the server. */
  configuration: jsonObject().optional(),
});

const secretsEncryptionConfig = z.strictObject({
  /** Encrypt Secrets in etcd. */
  enabled: flag(),
  /** An EncryptionConfiguration of apiserver.config.k8s.io/v1, used as it is. */
  customConfig: secret(jsonObject().optional()),
});

export const kubeApiService = z.strictObject({
  ...common,
  /** Addresses of Services; two ranges, separated by a comma, make a dual-stack cluster. Default: 10.43.0.0/16. */
  serviceClusterIpRange: text(),
  /** Ports of Services of type NodePort. Default: 30000-32767. */
  serviceNodePortRange: text(),
  /** Default level of Pod Security Admission. Default from Kubernetes 1.23 on: privileged. */
  podSecurityConfiguration: z.enum(["privileged", "restricted", ""]).optional(),
  /** Pull images at every start of a pod. */
  alwaysPullImages: flag(),
  secretsEncryptionConfig: secretsEncryptionConfig.optional(),
  /** Audit log. Default: on, with one rule of level Metadata. */
  auditLog: auditLog.optional(),
  /** An AdmissionConfiguration. As in RKE, only its plugins EventRateLimit and PodSecurity are used. */
  admissionConfiguration: jsonObject().optional(),
  eventRateLimit: eventRateLimit.optional(),
});

export const kubeControllerService = z.strictObject({
  ...common,
  /** Addresses of pods; two ranges, separated by a comma, make a dual-stack cluster. Default: 10.42.0.0/16. */
  clusterCidr: text(),
  /** Must be what `services.kubeApi.serviceClusterIpRange` is. Default: 10.43.0.0/16. */
  serviceClusterIpRange: text(),
});

export const kubeletService = z.strictObject({
  ...common,
  /** Domain of the cluster's DNS names. Default: cluster.local. */
  clusterDomain: text(),
  /** Address of the cluster's DNS Service; must lie in the service range. Default: 10.43.0.10. */
  clusterDnsServer: text(),
  /** Image of the pause container. Default: `systemImages.podInfraContainer`. */
  infraContainerImage: text(),
  /** Refuse to start on machines with swap. Default: false. */
  failSwapOn: flag(),
  /** Give each kubelet a serving certificate of the cluster's CA, and let API servers check it. */
  generateServingCertificate: flag(),
});

const plainService = z.strictObject(common);

export const services = z.strictObject({
  etcd: etcdService.optional(),
  kubeApi: named(kubeApiService.optional(), { yaml: "kube-api" }),
  kubeController: named(kubeControllerService.optional(), { yaml: "kube-controller" }),
  scheduler: plainService.optional(),
  kubelet: kubeletService.optional(),
  kubeproxy: plainService.optional(),
});
