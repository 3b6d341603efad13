import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Path } from "../config/finding.ts";
import { hasUnknown } from "../config/unknowns.ts";
import { paceOf } from "../reconcile/print.ts";
import { allowedOf } from "../reconcile/width.ts";
import type { Planes } from "../state/cluster-state.ts";

const notKnownYet = "not known yet";

/**
 * Says in words what runs on each plane and how many nodes of it are replaced at a time: what a preview shows of a change.
 * Follows from the inputs alone, so that it is known whenever they are; the pace is that of a runbook while all are well.
 */
export function planesOf(config: ClusterConfig, { unknown }: { unknown: readonly Path[] }): Planes {
  const isOpen = (...places: readonly string[]) => unknown.some(([first]) => places.includes(String(first)));
  const version = isOpen("kubernetesVersion") ? notKnownYet : config.kubernetesVersion.replace(/-rancher.*$/, "");
  const nodesAreOpen = hasUnknown(config.nodes.map(({ role }) => role));
  const plane = (what: string, groups: readonly Group[]): string => {
    if (nodesAreOpen) return notKnownYet;
    const there = groups.filter(({ count }) => count > 0);
    return there.length === 0 ? "none" : `${what}, ${rollOf(there)}`;
  };
  const having = (isMeant: (roles: Roles) => boolean) => config.nodes.filter(({ role }) => isMeant(role)).length;
  const { maxUnavailableControlplane, maxUnavailableWorker } = config.upgradeStrategy;
  const paceIsOpen = isOpen("upgradeStrategy");
  const pace = (width: string, size: number) => (paceIsOpen ? notKnownYet : paceOf(allowedOf(width, size), size));
  const [members, servers] = [having(isEtcd), having(isControlPlane)];
  const workers = having(isWorkerOnly);
  const isExternal = (config.services.etcd.externalUrls ?? []).length > 0;
  return {
    etcd: isExternal
      ? "external"
      : plane(isOpen("kubernetesVersion") ? notKnownYet : tagOf(config.systemImages.etcd), [
          { name: "members", count: members, pace: pace("1", members) },
        ]),
    controlplane: plane(version, [
      { name: "control planes", count: servers, pace: pace(maxUnavailableControlplane, servers) },
    ]),
    // A worker that has another role, too, is changed with those of that role, at their pace.
    worker: plane(version, [
      {
        name: "control planes",
        count: having((roles) => isWorker(roles) && isControlPlane(roles)),
        pace: pace(maxUnavailableControlplane, servers),
      },
      {
        name: "etcd nodes",
        count: having((roles) => isWorker(roles) && isEtcd(roles) && !isControlPlane(roles)),
        pace: pace("1", members),
      },
      { name: "workers", count: workers, pace: pace(maxUnavailableWorker, workers) },
    ]),
    addons: isOpen(...addonSections) ? notKnownYet : addonsOf(config),
  };
}

type Roles = ClusterConfig["nodes"][number]["role"];

const isEtcd = (roles: Roles): boolean => roles.includes("etcd");
const isControlPlane = (roles: Roles): boolean => roles.includes("controlplane");
const isWorker = (roles: Roles): boolean => roles.includes("worker");
const isWorkerOnly = (roles: Roles): boolean => isWorker(roles) && !isEtcd(roles) && !isControlPlane(roles);

/** Nodes that are changed in one phase. */
interface Group {
  readonly name: string;
  readonly count: number;
  readonly pace: string;
}

/** `3 nodes, one at a time`, or where they differ `5 nodes: control planes one at a time, workers all at once`. */
function rollOf(groups: readonly Group[]): string {
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  if (count === 1) return "1 node";
  const paces = new Set(groups.map(({ pace }) => pace));
  if (paces.size === 1) return `${count} nodes, ${[...paces].join("")}`;
  return `${count} nodes: ${groups.map(({ name, pace }) => `${name} ${pace}`).join(", ")}`;
}

const tagOf = (image: string): string => image.split("@")[0]?.split(":").at(-1) ?? image;

const addonSections = ["kubernetesVersion", "network", "dns", "ingress", "monitoring", "addons", "addonsInclude"];

function addonsOf({ network, dns, ingress, monitoring, addons, addonsInclude = [] }: ClusterConfig): string {
  const own = addons?.trim() || addonsInclude.length > 0 ? "your own" : "";
  const named = [network.plugin, dns.provider, ingress.provider, monitoring.provider, own];
  return named.filter((name) => name !== "" && name !== "none").join(", ") || "none";
}
