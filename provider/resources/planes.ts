import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Path } from "../config/finding.ts";
import { hasUnknown } from "../config/unknowns.ts";
import type { Planes } from "../state/cluster-state.ts";

const notKnownYet = "not known yet";

/**
 * Says in words what runs on each plane and how many nodes of it are replaced at a time: what a preview shows of a change.
 * Follows from the inputs alone, so that it is known whenever they are.
 */
export function planesOf(config: ClusterConfig, { unknown }: { unknown: readonly Path[] }): Planes {
  const isOpen = (...places: readonly string[]) => unknown.some(([first]) => places.includes(String(first)));
  const version = isOpen("kubernetesVersion") ? notKnownYet : config.kubernetesVersion.replace(/-rancher.*$/, "");
  const nodesAreOpen = hasUnknown(config.nodes.map(({ role }) => role));
  const plane = (role: "etcd" | "controlplane" | "worker", what: string, width: string): string => {
    if (nodesAreOpen) return notKnownYet;
    const count = config.nodes.filter((node) => node.role.includes(role)).length;
    if (count === 0) return "none";
    return `${what}, ${count === 1 ? "1 node" : `${count} nodes, ${atATime(width)}`}`;
  };
  const { maxUnavailableControlplane, maxUnavailableWorker } = config.upgradeStrategy;
  const isExternal = (config.services.etcd.externalUrls ?? []).length > 0;
  return {
    etcd: isExternal
      ? "external"
      : plane("etcd", isOpen("kubernetesVersion") ? notKnownYet : tagOf(config.systemImages.etcd), "1"),
    controlplane: plane("controlplane", version, maxUnavailableControlplane),
    worker: plane("worker", version, maxUnavailableWorker),
    addons: isOpen("kubernetesVersion", "network", "dns", "ingress", "monitoring") ? notKnownYet : addonsOf(config),
  };
}

const atATime = (width: string): string => (width === "1" ? "one at a time" : `${width} at a time`);

const tagOf = (image: string): string => image.split("@")[0]?.split(":").at(-1) ?? image;

const addonsOf = ({ network, dns, ingress, monitoring }: ClusterConfig): string =>
  [network.plugin, dns.provider, ingress.provider, monitoring.provider]
    .filter((name) => name !== "" && name !== "none")
    .join(", ") || "none";
