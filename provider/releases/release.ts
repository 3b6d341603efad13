import type { VersionTraits } from "./version-traits.ts";

/** Names of the system images, as `systemImages` of a state file spells them. */
export const imageKeys = [
  "aciCniDeployContainer",
  "aciControllerContainer",
  "aciGbpServerContainer",
  "aciHostContainer",
  "aciMcastContainer",
  "aciOpflexContainer",
  "aciOpflexServerContainer",
  "aciOvsContainer",
  "alpine",
  "calicoCni",
  "calicoControllers",
  "calicoCtl",
  "calicoFlexVol",
  "calicoNode",
  "canalCni",
  "canalControllers",
  "canalFlannel",
  "canalFlexVol",
  "canalNode",
  "certDownloader",
  "coredns",
  "corednsAutoscaler",
  "dnsmasq",
  "etcd",
  "flannel",
  "flannelCni",
  "ingress",
  "ingressBackend",
  "ingressWebhook",
  "kubedns",
  "kubednsAutoscaler",
  "kubednsSidecar",
  "kubernetes",
  "kubernetesServicesSidecar",
  "metricsServer",
  "nginxProxy",
  "nodelocal",
  "podInfraContainer",
  "weaveCni",
  "weaveNode",
  "windowsPodInfraContainer",
] as const;

export type ImageKey = (typeof imageKeys)[number];

/** What has no image in a release (weave from v1.30 on, for one) has no key. */
export type SystemImages = Readonly<Partial<Record<ImageKey, string>>>;

/** Addons whose manifest changes with the Kubernetes version, in the words of RKE's metadata. */
export const addonNames = [
  "aci",
  "calico",
  "canal",
  "coreDNS",
  "flannel",
  "kubeDNS",
  "metricsServer",
  "nginxIngress",
  "nodelocal",
  "weave",
] as const;

export type AddonName = (typeof addonNames)[number];

/** Flag name to value. An empty value takes the flag away from what RKE would set by itself. */
export type Flags = Readonly<Record<string, string>>;

export const components = ["etcd", "kubeApi", "kubeController", "kubelet", "kubeProxy", "scheduler"] as const;

export type Component = (typeof components)[number];

/** Default flags of every component. */
export type ServiceOptions = Readonly<Record<Component, Flags>>;

export type Os = "linux" | "windows";

/** All that depends on the Kubernetes version, for one version. */
export interface Release extends VersionTraits {
  /** The full name, also when a shorter one was asked for: `v1.31.6-rancher1-1`. */
  readonly kubernetesVersion: string;
  /** `v1.31` */
  readonly minor: string;
  /** 31 for `v1.31` */
  readonly minorNumber: number;
  /** Whether the metadata has this version. When not, there are no images and the user names every one of them. */
  readonly known: boolean;
  /** As published, without any registry in front. */
  readonly images: SystemImages;
  /** `20.10.x`; empty when nothing is known of the minor, which RKE takes for "none will do". */
  readonly dockerVersions: readonly string[];
  /** Which manifest of an addon fits. An addon without one cannot be deployed at this version. */
  readonly templates: Readonly<Partial<Record<AddonName, string>>>;
  readonly hasNodelocalTemplate: boolean;
  /**
   * Tag of rke-tools in the default Kubernetes version. Snapshot containers use it whatever the version of the cluster,
   * so that an old cluster is backed up by current tools.
   */
  readonly backupImageTag: string;
  /** Flags laid over the metadata by `overlayRelease`; `serviceOptions` applies them last. */
  readonly optionOverlay: Readonly<Partial<Record<Os, OptionOverlay>>>;
}

/** Flags to add or change, component by component. */
export type OptionOverlay = Readonly<Partial<ServiceOptions>>;
