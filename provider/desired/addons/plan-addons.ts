import { createHash } from "node:crypto";

import type { ClusterConfig } from "../../config/cluster-config.ts";
import { builtTemplate } from "../../releases/addon-traits.ts";
import type { AddonName, Release } from "../../releases/release.ts";
import type { AddonContext } from "./addon-context.ts";
import { calico } from "./calico.ts";
import { canal } from "./canal.ts";
import { coredns } from "./coredns.ts";
import { flannel } from "./flannel.ts";
import { ingressNginx } from "./ingress-nginx.ts";
import { kubeDns } from "./kube-dns.ts";
import type { Manifest } from "./manifest.ts";
import { metricsServer } from "./metrics-server.ts";
import { nodelocal } from "./nodelocal.ts";
import { userObjects } from "./user-objects.ts";
import { weave } from "./weave.ts";

/** Whether the cluster itself needs it, or its users do. */
type AddonRole = "network" | "cluster" | "user";

/** The objects of one addon, and by what to tell whether they are those of last time. */
export interface AddonPlan {
  readonly name: string;
  readonly role: AddonRole;
  readonly objects: readonly Manifest[];
  readonly digest: string;
}

export interface AddonsPlan {
  readonly deployed: readonly AddonPlan[];
  /** Addons that are wanted and that we leave as they are, with the reason. */
  readonly untouched: readonly { readonly name: string; readonly because: string }[];
}

export interface AddonsOptions {
  /** The texts of `addonsInclude`; absent where nobody has read them. */
  readonly includes?: readonly string[] | undefined;
}

/** What is deployed into a cluster once its API answers. Depends on its arguments only. */
export function planAddons(config: ClusterConfig, release: Release, { includes }: AddonsOptions = {}): AddonsPlan {
  const hasRbac = config.authorization.mode === "rbac";
  const wanted = wantedAddons(config).map(({ name, role, template: key, build }) => {
    const template = builtTemplate(release, key);
    if (template === undefined || build === undefined) return { name, because: whyUntouched(name, key, release) };
    return planned(name, role, build({ config, template, hasRbac }));
  });
  const users = config.addons?.trim() ? [planned("user-addons", "user", userObjects(config.addons, addonsText))] : [];
  const all = [...wanted, ...users, ...included(config, includes)];
  return {
    deployed: all.filter((addon) => "digest" in addon),
    untouched: all.filter((addon) => "because" in addon),
  };
}

const addonsText = { from: "addons" };

interface WantedAddon {
  readonly name: string;
  readonly role: AddonRole;
  /** What its manifests are called in the metadata. */
  readonly template: AddonName;
  readonly build?: (context: AddonContext) => readonly Manifest[];
}

const networks: Readonly<Record<string, WantedAddon>> = {
  canal: { name: "canal", role: "network", template: "canal", build: canal },
  calico: { name: "calico", role: "network", template: "calico", build: calico },
  flannel: { name: "flannel", role: "network", template: "flannel", build: flannel },
  weave: { name: "weave", role: "network", template: "weave", build: weave },
  aci: { name: "aci", role: "network", template: "aci" },
};

const dnsServers: Readonly<Record<string, WantedAddon>> = {
  coredns: { name: "coredns", role: "cluster", template: "coreDNS", build: coredns },
  "kube-dns": { name: "kube-dns", role: "cluster", template: "kubeDNS", build: kubeDns },
};

const cache: WantedAddon = { name: "nodelocal", role: "cluster", template: "nodelocal", build: nodelocal };
const metrics: WantedAddon = {
  name: "metrics-server",
  role: "cluster",
  template: "metricsServer",
  build: metricsServer,
};
const nginx: WantedAddon = { name: "ingress-nginx", role: "cluster", template: "nginxIngress", build: ingressNginx };

/** In the order of RKE, which says of anything but "none" that it is metrics-server. */
function wantedAddons({ network, dns, monitoring, ingress }: ClusterConfig): readonly WantedAddon[] {
  const server = dnsServers[dns.provider];
  return [
    networks[network.plugin],
    server,
    // Without a DNS server RKE does not look at the cache.
    dns.nodelocal?.ipAddress && dns.provider !== "none" ? cache : undefined,
    monitoring.provider === "none" ? undefined : metrics,
    ingress.provider === "nginx" ? nginx : undefined,
  ].filter((addon) => addon !== undefined);
}

function whyUntouched(name: string, key: AddonName, { templates, kubernetesVersion }: Release): string {
  const template = templates[key];
  return template === undefined
    ? `there is no manifest of ${name} for Kubernetes ${kubernetesVersion}`
    : `the manifest ${template}, which goes with Kubernetes ${kubernetesVersion}, is not one that is built here`;
}

function included({ addonsInclude = [] }: ClusterConfig, texts: readonly string[] | undefined) {
  if (addonsInclude.length === 0) return [];
  const name = "included-addons";
  if (texts === undefined) return [{ name, because: "what addonsInclude names is read when the cluster is updated" }];
  const objects = texts.flatMap((text, index) => userObjects(text, { from: addonsInclude[index] ?? "addonsInclude" }));
  return [planned(name, "user", objects)];
}

const planned = (name: string, role: AddonRole, objects: readonly Manifest[]): AddonPlan => ({
  name,
  role,
  objects,
  digest: digestOf(objects),
});

/** The same for the same objects, whatever order their fields are written in. */
function digestOf(objects: readonly Manifest[]): string {
  return createHash("sha256")
    .update(JSON.stringify(objects.map(sorted)))
    .digest("hex")
    .slice(0, 32);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
