import { inRange, type Version } from "./versions.ts";

/** What a Kubernetes version does to the cluster, condition by condition. */
export interface VersionTraits {
  readonly defaultDnsProvider: "coredns" | "kube-dns";
  /** Whether the audit log is on when the configuration does not speak of it. */
  readonly auditsByDefault: boolean;
  readonly ingressDefaults: {
    readonly networkMode: "hostPort" | "hostNetwork";
    readonly defaultBackend: boolean;
    /** Whether the ingress addon cannot do without the `ingressWebhook` image. */
    readonly needsWebhookImage: boolean;
  };
  readonly criDockerd: {
    readonly allowed: boolean;
    readonly byDefault: boolean;
    /** The kubelet's `container-runtime-endpoint` when cri-dockerd is on. */
    readonly runtimeEndpoint: string;
    /** Whether the kubelet wants `container-runtime=remote` with cri-dockerd. */
    readonly needsRemoteRuntimeFlag: boolean;
    /** Whether the kubelet binds `/var/lib/cri-dockerd` with cri-dockerd. */
    readonly needsStateBind: boolean;
  };
  /** Whether the option `z` is taken from RKE's own binds (never from those of the user). */
  readonly stripsRelabelOption: boolean;
  /** Whether containers run as `rke_container_t` on SELinux machines, which must know that type. */
  readonly labelsSelinuxType: boolean;
  /** Whether controller manager and scheduler take authentication and authorization kubeconfigs. */
  readonly controllersTakeAuthKubeconfig: boolean;
  /** The PodSecurity section of the admission configuration. */
  readonly podSecurity:
    | { readonly supported: false }
    | {
        readonly supported: true;
        readonly apiVersion: "pod-security.admission.config.k8s.io/v1beta1" | "pod-security.admission.config.k8s.io/v1";
      };
  /** Whether the cloud provider `aws` is still part of Kubernetes. */
  readonly inTreeAws: boolean;
  readonly weave: "supported" | "deprecated" | "removed";
  /** Whether aci can do two address families. */
  readonly aciDualStack: boolean;
  /** How the checksum of a deployed file is made that a container carries in its environment. */
  readonly fileChecksum: "md5" | "sha256";
  /** The label by which addon jobs keep away from Windows nodes. */
  readonly osLabel: "kubernetes.io/os" | "beta.kubernetes.io/os";
  /** The API through which RKE changes etcd's members. */
  readonly etcdMemberApi: "v2" | "v3";
  /** Whether the kubelet starts on a machine with cgroup v1. */
  readonly cgroupV1Supported: boolean;
}

/** Every version condition that is not a matter of data. Bounds are written as RKE writes them. */
export function versionTraits(version: Version): VersionTraits {
  const since = (minor: number) => inRange(version, `>=1.${minor}.0-rancher0`);
  return {
    // RKE compares with a plain 1.14.0 here, which v1.14.0-rancher1-1 would be below.
    defaultDnsProvider: inRange(version, ">=1.14.0") ? "coredns" : "kube-dns",
    auditsByDefault: inRange(
      version,
      ">=1.15.11-rancher0 <=1.15.99 || >=1.16.8-rancher0 <=1.16.99 || >=1.17.4-rancher0",
    ),
    ingressDefaults: {
      networkMode: since(21) ? "hostPort" : "hostNetwork",
      defaultBackend: !since(21),
      needsWebhookImage: since(21),
    },
    criDockerd: {
      allowed: since(21),
      byDefault: since(24),
      runtimeEndpoint: since(24) ? "unix:///var/run/cri-dockerd.sock" : "/var/run/dockershim.sock",
      needsRemoteRuntimeFlag: !since(27),
      needsStateBind: since(24),
    },
    stripsRelabelOption: since(22),
    labelsSelinuxType: since(22),
    controllersTakeAuthKubeconfig: since(22),
    podSecurity: since(23)
      ? {
          supported: true,
          apiVersion: since(25)
            ? "pod-security.admission.config.k8s.io/v1"
            : "pod-security.admission.config.k8s.io/v1beta1",
        }
      : { supported: false },
    inTreeAws: !since(27),
    weave: since(30) ? "removed" : since(27) ? "deprecated" : "supported",
    aciDualStack: inRange(
      version,
      ">=1.23.16-rancher2-3 <=1.23.99 || >=1.24.13-rancher2-2 <=1.24.99 || >=1.25.9-rancher2-2",
    ),
    fileChecksum: inRange(version, ">=1.31.6-rancher0") ? "sha256" : "md5",
    osLabel: since(22) ? "kubernetes.io/os" : "beta.kubernetes.io/os",
    etcdMemberApi: since(22) ? "v3" : "v2",
    cgroupV1Supported: !since(35),
  };
}
