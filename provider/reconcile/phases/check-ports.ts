import type { NodePlan } from "../../desired/node-plan.ts";
import { checkPorts } from "../../steps/check-ports.ts";
import { startListeners } from "../../steps/start-listeners.ts";
import { stopListeners } from "../../steps/stop-listeners.ts";
import { type Phase, sideBySide, type World } from "../runbook.ts";
import { hasRole, isNewNode, reachedPlans, seenContainer } from "../world.ts";

/** Listens in the place of what will listen, on machines that are new to the cluster. */
export function openPorts(world: World): Phase {
  return sideBySide(
    "Open ports to check",
    checkedPlans(world).map(({ node, listens }) => [
      startListeners({ node: node.address, ports: listens, image: world.desired.config.systemImages.alpine }),
    ]),
  );
}

/**
 * Tries every connection that machines will make to new ones, and new ones to others, before anything depends on it. Of
 * the machines in use only those ports count on which something listens now.
 */
export function tryPorts(world: World): Phase {
  const fresh = new Set(checkedPlans(world).map(({ plan }) => plan));
  const plans = fresh.size === 0 ? [] : reachedPlans(world);
  const lanes = plans.map((plan) => {
    const targets = plans.flatMap((target) => {
      if (target === plan || (!fresh.has(plan) && !fresh.has(target))) return [];
      const ports = portsFrom(plan, target).filter((port) => fresh.has(target) || listens(world, target, port));
      return ports.map((port) => ({ address: target.node.internalAddress, port }));
    });
    if (targets.length === 0) return [];
    return [checkPorts({ node: plan.node.address, targets, image: world.desired.config.systemImages.alpine })];
  });
  return sideBySide("Check ports between nodes", lanes);
}

function listens(world: World, { node }: NodePlan, port: number): boolean {
  const name = listeners[port];
  return name !== undefined && seenContainer(world, node.address, name)?.state === "running";
}

const listeners: Readonly<Record<number, string>> = {
  2379: "etcd",
  2380: "etcd",
  6443: "kube-apiserver",
  10250: "kubelet",
};

/** Ends what {@link openPorts} has started. */
export function closePorts(world: World): Phase {
  return sideBySide(
    "Close ports again",
    checkedPlans(world).map(({ node }) => [stopListeners({ node: node.address })]),
  );
}

/** A node alone has nobody to reach. */
function checkedPlans(world: World): readonly { plan: NodePlan; node: NodePlan["node"]; listens: readonly number[] }[] {
  if (world.desired.nodes.length < 2) return [];
  return reachedPlans(world)
    .filter((plan) => isNewNode(world, plan))
    .map((plan) => ({ plan, node: plan.node, listens: plan.portChecks.map(({ port }) => port) }));
}

/** The ports of a machine that another one needs, by the roles of both. */
function portsFrom(from: NodePlan, to: NodePlan): readonly number[] {
  const isControlPlane = hasRole(from, "controlplane");
  return [
    ...(hasRole(to, "etcd") && (hasRole(from, "etcd") || isControlPlane) ? [2379] : []),
    ...(hasRole(to, "etcd") && hasRole(from, "etcd") ? [2380] : []),
    ...(hasRole(to, "controlplane") ? [6443] : []),
    ...(isControlPlane ? [10250] : []),
  ];
}
