import { z } from "zod";

import { authentication, authorization } from "./authentication.ts";
import { restore } from "./backup.ts";
import { cloudProvider } from "./cloud-provider.ts";
import { dns } from "./dns.ts";
import { ingress } from "./ingress.ts";
import { monitoring } from "./monitoring.ts";
import { named } from "./naming.ts";
import { network } from "./network.ts";
import { node } from "./node.ts";
import { privateRegistry } from "./registry.ts";
import { services } from "./services.ts";
import { bastionHost } from "./ssh.ts";
import { systemImages } from "./system-images.ts";
import { upgradeStrategy } from "./upgrade.ts";
import { flag, text, texts } from "./values.ts";

const rotateCertificates = z.strictObject({
  /** Make new CAs as well. In cluster.yml the key is `cacertificates`. */
  caCertificates: named(z.boolean().optional(), { yaml: "cacertificates" }),
  /** Whose certificates: kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, kubelet, etcd. Default: all. */
  services: texts(),
});

/** Everything a cluster.yml can say, under camelCase names. */
export const cluster = z.strictObject({
  /** The machines. */
  nodes: z.array(node).optional(),
  services: services.optional(),
  network: network.optional(),
  authentication: authentication.optional(),
  authorization: authorization.optional(),
  /** Manifests (YAML, any number of documents) that are applied after the cluster's own addons. */
  addons: text(),
  /** Files and URLs of manifests that are applied after `addons`. */
  addonsInclude: texts(),
  systemImages: systemImages.optional(),
  /** File with the private key for SSH. Default: ~/.ssh/id_rsa. */
  sshKeyPath: text(),
  /** Accepted and never read, as in RKE. */
  sshCertPath: text(),
  /** Use the SSH agent at SSH_AUTH_SOCK for all nodes. Default: false. */
  sshAgentAuth: flag(),
  /** Accept Docker engines that were not tested with this Kubernetes version. Default: false. */
  ignoreDockerVersion: flag(),
  /** Run cri-dockerd beside the kubelet. Default: true from Kubernetes 1.24 on. */
  enableCriDockerd: flag(),
  /** Address of cri-dockerd's streaming server. Default: 127.0.0.1. */
  criDockerdStreamServerAddress: text(),
  /** Port of cri-dockerd's streaming server. Default: 10010. */
  criDockerdStreamServerPort: text(),
  /** `v1.32.7-rancher1-1`, or `v1.32` for the newest of that minor. */
  kubernetesVersion: text(),
  privateRegistries: z.array(privateRegistry).optional(),
  ingress: ingress.optional(),
  /** Name of the cluster in the admin kubeconfig. Default: local. */
  clusterName: text(),
  cloudProvider: cloudProvider.optional(),
  /** Put before /etc/kubernetes, /var/lib/etcd and the other directories on the nodes. Default: /. It cannot be changed while the cluster lives. */
  prefixPath: text(),
  /** `prefixPath` of Windows nodes. */
  winPrefixPath: text(),
  /** Seconds an addon may take. Default: 45. */
  addonJobTimeout: z.int().nonnegative().optional(),
  /** Machine in between, for all SSH connections. */
  bastionHost: bastionHost.optional(),
  monitoring: monitoring.optional(),
  restore: restore.optional(),
  /** In RKE a request to rotate certificates. */
  rotateCertificates: rotateCertificates.optional(),
  /** In RKE a request to rotate the key of the encryption at rest. */
  rotateEncryptionKey: flag(),
  dns: dns.optional(),
  upgradeStrategy: upgradeStrategy.optional(),
});

/** What a person writes. */
export type ClusterArgs = z.input<typeof cluster>;
/** The same, checked against the schema. */
export type ParsedCluster = z.output<typeof cluster>;
