import { RkeError } from "../errors.ts";
import type { AddonName, Release } from "./release.ts";
import { compareVersions, parseTag } from "./versions.ts";

/** What differs between the manifests of Canal and Calico that RKE has published. */
export interface CalicoTraits {
  /** The manifest whose resource definitions fit. */
  readonly template: string;
  /** Whether the CNI configuration has the plugin `bandwidth`. */
  readonly limitsBandwidth: boolean;
  /** Tiers and AdminNetworkPolicies, and a seccomp profile for all pods. */
  readonly hasTiers: boolean;
  /** Staged policies, BaselineAdminNetworkPolicies, and the controller of load balancers. */
  readonly hasStagedPolicies: boolean;
  /** Whether directories of the machine are made where they are missing. */
  readonly makesDirectories: boolean;
}

export function calicoTraits(template: string): CalicoTraits {
  const since = sinceIn(template);
  return {
    template,
    limitsBandwidth: !since("3.30.2"),
    hasTiers: since("3.29.0"),
    hasStagedPolicies: since("3.30.2"),
    makesDirectories: since("3.27.4") && !/-v3\.28\.0$/.test(template),
  };
}

/** Whether the manifest of flannel turns nftables off by name. */
export const flannelSaysNoNftables = (template: string): boolean => sinceIn(template)("0.25.1");

/** What differs between the manifests of CoreDNS. */
export interface CorednsTraits {
  readonly osLabel: "kubernetes.io/os" | "beta.kubernetes.io/os";
  readonly hasSeccompProfile: boolean;
}

export function corednsTraits(template: string): CorednsTraits {
  const isThird = template === "coredns-v1.8.3-rancher3";
  return { osLabel: isThird ? "kubernetes.io/os" : "beta.kubernetes.io/os", hasSeccompProfile: isThird };
}

/** What differs between the manifests of metrics-server. */
export interface MetricsServerTraits {
  readonly port: number;
  readonly dropsCapabilities: boolean;
}

export function metricsServerTraits(template: string): MetricsServerTraits {
  const isRestricted = sinceIn(template)("0.7.0");
  return { port: isRestricted ? 10250 : 4443, dropsCapabilities: isRestricted };
}

/** What differs between the manifests of the nginx ingress controller. */
export interface IngressNginxTraits {
  /** As the labels of its objects name it; the image may be newer. */
  readonly version: string;
  /** Objects are labelled as parts of ingress-nginx; before, those of the admission webhook were hooks of Helm. */
  readonly hasPartLabels: boolean;
  readonly enablesMetrics: boolean;
  /** Whether the admission jobs run without any privileges. */
  readonly restrictsJobs: boolean;
}

export function ingressNginxTraits(template: string): IngressNginxTraits {
  const since = sinceIn(template);
  return {
    version: /-v([\d.]+)/.exec(template)?.[1] ?? "",
    hasPartLabels: since("1.11.2"),
    enablesMetrics: since("1.11.3"),
    restrictsJobs: since("1.12.0"),
  };
}

/**
 * The manifests that we build. All others stay as `rke` has left them: their names do not tell how they differ, since
 * they go by the version of the addon or by that of Kubernetes.
 */
const built: Readonly<Partial<Record<AddonName, readonly string[]>>> = {
  canal: calicoVersions("canal"),
  calico: calicoVersions("calico"),
  flannel: ["flannel-v0.24.2", "flannel-v0.25.1", "flannel-v0.26.4"],
  weave: ["weave-v1.22"],
  coreDNS: ["coredns-v1.8.3-rancher2", "coredns-v1.8.3-rancher3"],
  kubeDNS: ["kubedns-v1.16"],
  nodelocal: ["nodelocal-v1.21"],
  metricsServer: ["metricsserver-v0.6.1", "metricsserver-v0.7.0"],
  nginxIngress: [
    "nginxingress-v1.9.4-rancher1",
    "nginxingress-v1.9.6-rancher1",
    "nginxingress-v1.10.1-rancher1",
    "nginxingress-v1.11.2-rancher1",
    "nginxingress-v1.11.2-rancher2",
    "nginxingress-v1.11.3-rancher1",
    "nginxingress-v1.12.0-rancher1",
  ],
};

function calicoVersions(plugin: "canal" | "calico"): readonly string[] {
  const later = ["3.27.0", "3.27.0-rancher2", "3.27.4", "3.28.0", "3.28.1", "3.29.0", "3.30.2"];
  return ["3.26.1", "3.26.1-rancher2", ...later].map((version) => `${plugin}-v${version}`);
}

/** The manifest of an addon that fits a release, when it is one that we build. */
export function builtTemplate({ templates }: Pick<Release, "templates">, addon: AddonName): string | undefined {
  const template = templates[addon];
  return template !== undefined && built[addon]?.includes(template) ? template : undefined;
}

/** Orders manifests by the version in their name: `canal-v3.27.0-rancher2` is of 3.27.0. */
function sinceIn(template: string): (version: string) => boolean {
  const [, number = ""] = /-v([\d.]+)/.exec(template) ?? [];
  const own = versionOf(number);
  return (version) => compareVersions(own, versionOf(version)) >= 0;
}

function versionOf(number: string) {
  const version = parseTag([...number.split("."), "0", "0"].slice(0, 3).join("."));
  if (version !== undefined) return version;
  throw new RkeError("internal", { doing: "read the name of a manifest", because: `"${number}" is not a version` });
}
