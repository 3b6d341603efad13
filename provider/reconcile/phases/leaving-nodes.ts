import type { NodePlan } from "../../desired/node-plan.ts";
import { cordonNode } from "../../steps/cordon-node.ts";
import { deleteKubeNode } from "../../steps/delete-kube-node.ts";
import { drainNode } from "../../steps/drain-node.ts";
import { removeContainer } from "../../steps/remove-container.ts";
import { type FormerNode, type Lane, type Phase, rolling, sideBySide, type World } from "../runbook.ts";
import { repairWidthOf } from "../width.ts";
import {
  formerNames,
  isNewNode,
  kubeNodeOf,
  leavingMachines,
  leavingNodes,
  nameOf,
  reached,
  reachedPlans,
  seenContainer,
} from "../world.ts";
import { cleanMachines, leaveUncleanedMachines } from "./clean-machines.ts";

/** Keeps pods off the nodes that leave, all at once, so that what has to move does not move to the next that leaves. */
export function cordonLeavingNodes(world: World): Phase {
  const names = leavingNodes(world)
    .filter((node) => mayHaveNode(world, node))
    .map(({ hostnameOverride }) => hostnameOverride);
  return sideBySide(
    "Cordon nodes that leave",
    [...new Set(names)].map((name) => [cordonNode({ name })]),
  );
}

/**
 * Empties the nodes that leave: after new ones can take what they carry, and before any of it is stopped. Those with etcd or
 * an API server one at a time, and workers no more at a time than may be missing of them, since their pods are missing until
 * they run elsewhere. Nobody is held up by nodes that are missing already: what leaves is not counted on any more.
 */
export const drainLeavingNodes = (world: World): readonly Phase[] => {
  const isWorkerOnly = ({ role }: Pick<FormerNode, "role">) => role.every((one) => one === "worker");
  const leaving = leavingNodes(world).filter((node) => mayHaveNode(world, node) && mayBeDrained(world, node));
  const workers = leaving.filter(isWorkerOnly);
  const staying = world.desired.nodes.filter((plan) => isWorkerOnly(plan.node) && !isNewNode(world, plan));
  const missing = staying.filter((plan) => isMissing(world, plan)).map(({ node }) => nameOf(node));
  const plane = { name: "worker", size: staying.length + workers.length, missing };
  return [
    rolling(
      "Drain servers that leave",
      drainLanes(
        world,
        leaving.filter((node) => !isWorkerOnly(node)),
      ),
      1,
    ),
    rolling(
      "Drain workers that leave",
      drainLanes(world, workers),
      repairWidthOf(world.desired.config.upgradeStrategy.maxUnavailableWorker, plane),
    ),
  ];
};

/** Without asking whether that is wanted: what a pod keeps on a machine that is cleaned would be lost all the same. */
function drainLanes(world: World, nodes: readonly FormerNode[]): readonly Lane[] {
  const options = { ...world.desired.config.upgradeStrategy.nodeDrainInput, deleteLocalData: true, force: true };
  const names = new Set(nodes.map(({ hostnameOverride }) => hostnameOverride));
  return [...names].map((name) => [drainNode({ name, options })]);
}

/** A node that does not answer cannot be drained: its pods are moved when its Node object goes. */
const mayBeDrained = (world: World, { hostnameOverride, address }: FormerNode): boolean =>
  kubeNodeOf(world, hostnameOverride)?.isReady ?? seenContainer(world, address, "kubelet") !== undefined;

const isMissing = (world: World, plan: NodePlan): boolean =>
  reached(world, plan.node.address) === undefined || kubeNodeOf(world, plan.node.hostnameOverride)?.isReady === false;

/** Stops the API servers that leave, one at a time, after the workers have learned of those that stay. */
export function stopLeavingControlPlanes(world: World): Phase {
  const lanes = leavingMachines(world)
    .filter(({ role, address }) => role.includes("controlplane") && reached(world, address) !== undefined)
    .map(
      ({ address }): Lane =>
        ["kube-scheduler", "kube-controller-manager", "kube-apiserver"]
          .filter((name) => reached(world, address)?.containers.some((seen) => seen.name === name))
          .map((name) => removeContainer({ node: address, name })),
    );
  return rolling("Stop control planes that leave", lanes, 1);
}

/**
 * Takes the Node objects of the nodes that leave out of the API, when no kubelet is left that would register them again; and
 * those of the names that machines had before they were given others.
 */
export function forgetLeavingNodes(world: World): Phase {
  const leaving = leavingNodes(world)
    .filter((node) => mayHaveNode(world, node))
    .map(({ hostnameOverride }) => hostnameOverride);
  const renamed = reachedPlans(world)
    .flatMap((plan) => formerNames(world, plan))
    .filter((name) => world.facts.kube === undefined || kubeNodeOf(world, name) !== undefined);
  return sideBySide(
    "Forget nodes that leave",
    [...new Set([...leaving, ...renamed])].map((name) => [deleteKubeNode({ name })]),
  );
}

/** Cleans the machines that leave and can be reached, so that they can be used again; and tells of those that cannot. */
export function cleanLeavingNodes(world: World): readonly Phase[] {
  const addresses = leavingNodes(world).map(({ address }) => address);
  return [cleanMachines(world, "Clean nodes that leave", addresses), leaveUncleanedMachines(world, addresses)];
}

/** Whether a node that leaves has a Node object of its own. While the API is silent it is better to try. */
const mayHaveNode = (world: World, node: FormerNode): boolean =>
  !isStillWanted(world, node) &&
  (world.facts.kube === undefined || kubeNodeOf(world, node.hostnameOverride) !== undefined);

/** A machine with a new address keeps its name, and so its Node object. */
const isStillWanted = ({ desired }: World, { hostnameOverride }: FormerNode): boolean =>
  desired.nodes.some(({ node }) => node.hostnameOverride === hostnameOverride);
