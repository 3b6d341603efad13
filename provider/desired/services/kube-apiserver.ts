import type { NodeConfig } from "../../config/cluster-config.ts";
import { canonicalIp } from "../../ip-address.ts";
import { filesOf } from "../../pki/files.ts";
import {
  ETCD_CLIENT,
  ETCD_CLIENT_CA,
  KUBE_APISERVER,
  KUBE_CA,
  KUBE_NODE,
  PROXY_CLIENT,
  REQUEST_HEADER_CA,
  SERVICE_ACCOUNT_TOKEN,
} from "../../pki/names.ts";
import type { Flags } from "../../releases/release.ts";
import { cloudConfigEnv, cloudProviderFlags } from "../cloud-provider-flags.ts";
import { type ClusterContext, usesExternalEtcd } from "../cluster-context.ts";
import type { PlannedContainer } from "../container-spec.ts";
import { mergedFlags } from "../flags.ts";
import { fileChecksum, type NodeContext } from "../node-context.ts";
import { admissionPath, auditPolicyPath, encryptionPath, webhookPath } from "../paths.ts";
import { hyperkube } from "./hyperkube.ts";

/** The API server of a control plane node. */
export function kubeApiserver(context: NodeContext): PlannedContainer {
  const { cluster, node } = context;
  const service = cluster.config.services.kubeApi;
  const audits = service.auditLog?.enabled === true;
  const base = baseFlags(cluster, node);
  const release = cluster.options.kubeApi;
  return hyperkube(context, {
    name: "kube-apiserver",
    flags: {
      base,
      release,
      forced: { ...forcedFlags(cluster, node), ...admissionPlugins(cluster, mergedFlags({ base, release })) },
      extra: service.extraArgs,
      repeated: service.extraArgsArray,
    },
    binds: [
      `${context.path("/etc/kubernetes")}:/etc/kubernetes:z`,
      ...(audits ? [`${context.path("/var/log/kube-audit")}:/var/log/kube-audit`] : []),
    ],
    extraBinds: service.extraBinds,
    env: [...cloudConfigEnv(cluster), ...fileEnv(cluster), ...(service.extraEnv ?? [])],
    healthCheckUrl: "https://localhost:6443/healthz",
  });
}

function baseFlags(cluster: ClusterContext, node: NodeConfig): Flags {
  const { config, files } = cluster;
  const { kubeApi, kubelet } = config.services;
  const { webhook } = config.authentication;
  const apiserver = filesOf(KUBE_APISERVER);
  const proxyClient = filesOf(PROXY_CLIENT);
  return {
    ...cloudProviderFlags(cluster),
    ...etcdFlags(cluster, node),
    "admission-control-config-file": admissionPath,
    "client-ca-file": filesOf(KUBE_CA).path,
    "kubelet-client-certificate": apiserver.path,
    "kubelet-client-key": apiserver.keyPath,
    "proxy-client-cert-file": proxyClient.path,
    "proxy-client-key-file": proxyClient.keyPath,
    "requestheader-allowed-names": PROXY_CLIENT,
    "requestheader-client-ca-file": filesOf(REQUEST_HEADER_CA).path,
    "service-account-key-file": filesOf(SERVICE_ACCOUNT_TOKEN).keyPath,
    "service-cluster-ip-range": kubeApi.serviceClusterIpRange,
    "service-node-port-range": kubeApi.serviceNodePortRange,
    "tls-cert-file": apiserver.path,
    "tls-private-key-file": apiserver.keyPath,
    ...(webhook && {
      "authentication-token-webhook-config-file": webhookPath,
      "authentication-token-webhook-cache-ttl": webhook.cacheTimeout ?? "",
    }),
    ...(files.encryption !== undefined && { "encryption-provider-config": encryptionPath }),
    ...(kubelet.generateServingCertificate && { "kubelet-certificate-authority": filesOf(KUBE_CA).path }),
  };
}

/** An API server asks the etcd member on its own machine first. */
function etcdFlags(cluster: ClusterContext, node: NodeConfig): Flags {
  const { etcd } = cluster.config.services;
  if (usesExternalEtcd(cluster)) {
    const client = filesOf(ETCD_CLIENT);
    return {
      "etcd-cafile": filesOf(ETCD_CLIENT_CA).path,
      "etcd-certfile": client.path,
      "etcd-keyfile": client.keyPath,
      "etcd-prefix": etcd.path ?? "",
      "etcd-servers": (etcd.externalUrls ?? []).join(","),
    };
  }
  const client = filesOf(KUBE_NODE);
  const own = cluster.etcdNodes.filter(({ internalAddress }) => internalAddress === node.internalAddress);
  const others = cluster.etcdNodes.filter(({ internalAddress }) => internalAddress !== node.internalAddress);
  return {
    "etcd-cafile": filesOf(KUBE_CA).path,
    "etcd-certfile": client.path,
    "etcd-keyfile": client.keyPath,
    "etcd-prefix": "/registry",
    "etcd-servers": [...own, ...others].map(({ internalAddress }) => `https://${internalAddress}:2379`).join(","),
  };
}

/** An audit configuration sets its flags even while the log is off, as in RKE. */
function forcedFlags({ config }: ClusterContext, { internalAddress }: NodeConfig): Flags {
  const audit = config.services.kubeApi.auditLog?.configuration;
  return {
    ...(config.authorization.mode === "rbac" && { "authorization-mode": "Node,RBAC" }),
    ...(canonicalIp(internalAddress) !== undefined && { "advertise-address": internalAddress }),
    ...(audit && {
      "audit-log-path": audit.path ?? "",
      "audit-log-maxage": String(audit.maxAge ?? 0),
      "audit-log-maxbackup": String(audit.maxBackup ?? 0),
      "audit-log-maxsize": String(audit.maxSize ?? 0),
      "audit-log-format": audit.format ?? "",
      "audit-policy-file": auditPolicyPath,
    }),
  };
}

/** Old releases have one flag for the list of plugins, new ones another; additions go to the one that is there. */
function admissionPlugins({ config }: ClusterContext, flags: Flags): Flags {
  const { alwaysPullImages, eventRateLimit } = config.services.kubeApi;
  const added = [
    ...(alwaysPullImages ? ["AlwaysPullImages"] : []),
    ...(eventRateLimit?.enabled ? ["EventRateLimit"] : []),
  ];
  const flag = ["enable-admission-plugins", "admission-control"].find((name) => flags[name] !== undefined);
  if (flag === undefined || added.length === 0) return {};
  return { [flag]: [flags[flag], ...added].join(",") };
}

function fileEnv(cluster: ClusterContext): readonly string[] {
  const { admission, auditPolicy } = cluster.files;
  return [
    ...(admission === undefined ? [] : [`RKE_ADMISSION_CONFIG_CHECKSUM=${fileChecksum(cluster, admission)}`]),
    ...(auditPolicy === undefined ? [] : [`RKE_AUDITLOG_CONFIG_CHECKSUM=${fileChecksum(cluster, auditPolicy)}`]),
  ];
}
