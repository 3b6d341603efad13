import type { ClusterConfig, NodeConfig } from "../config/cluster-config.ts";
import { backupImage } from "../releases/image-tag.ts";
import {
  type EtcdImageTraits,
  etcdImageTraits,
  type KubernetesImageTraits,
  kubernetesImageTraits,
  toolsEntrypoint,
} from "../releases/image-traits.ts";
import type { Release, ServiceOptions } from "../releases/release.ts";
import { serviceOptions } from "../releases/service-options.ts";
import { admissionFile } from "./files/admission.ts";
import { auditPolicyFile } from "./files/audit-policy.ts";
import { cloudConfigFile } from "./files/cloud-config.ts";
import { type EncryptionKey, encryptionFile } from "./files/encryption.ts";
import { type Registries, registriesOf } from "./registries.ts";

/** All that the plans of the single nodes share, worked out once. */
export interface ClusterContext {
  readonly config: ClusterConfig;
  readonly release: Release;
  /** Nodes by role, in the order of the configuration, which etcd's and nginx-proxy's arguments follow. */
  readonly etcdNodes: readonly NodeConfig[];
  readonly controlPlaneNodes: readonly NodeConfig[];
  readonly options: ServiceOptions;
  /** Flags of kubelet and kube-proxy on Windows; asked for only when there is a Windows node. */
  readonly windowsOptions: () => ServiceOptions;
  readonly etcdImage: EtcdImageTraits;
  readonly kubernetesImage: KubernetesImageTraits;
  readonly entrypoint: string;
  readonly backupImage: string;
  readonly registries: Registries;
  readonly files: ClusterFiles;
}

/** Texts of the files that depend on the cluster only. */
export interface ClusterFiles {
  /** Empty where a provider needs none; undefined where there is no provider. */
  readonly cloudConfig: string | undefined;
  readonly admission: string | undefined;
  readonly auditPolicy: string | undefined;
  readonly encryption: string | undefined;
}

export function clusterContext(
  config: ClusterConfig,
  release: Release,
  { encryptionKeys = [] }: { encryptionKeys?: readonly EncryptionKey[] } = {},
): ClusterContext {
  const { systemImages } = config;
  const optionsFor = (os: "linux" | "windows") =>
    serviceOptions(release, { kubernetesImage: systemImages.kubernetes, os });
  return {
    config,
    release,
    etcdNodes: config.nodes.filter(({ role }) => role.includes("etcd")),
    controlPlaneNodes: config.nodes.filter(({ role }) => role.includes("controlplane")),
    options: optionsFor("linux"),
    windowsOptions: () => optionsFor("windows"),
    etcdImage: etcdImageTraits(systemImages.etcd),
    kubernetesImage: kubernetesImageTraits(systemImages.kubernetes),
    entrypoint: toolsEntrypoint(systemImages.kubernetesServicesSidecar),
    backupImage: backupImage(systemImages.alpine, release),
    registries: registriesOf(config),
    files: {
      cloudConfig: cloudConfigFile(config.cloudProvider),
      admission: admissionFile(config.services.kubeApi, release),
      auditPolicy: auditPolicyFile(config.services.kubeApi),
      encryption: encryptionFile(config.services.kubeApi, encryptionKeys),
    },
  };
}

/** Whether etcd runs outside of the cluster. */
export const usesExternalEtcd = ({ config }: ClusterContext): boolean =>
  (config.services.etcd.externalUrls ?? []).length > 0;
