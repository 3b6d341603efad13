import type { NodePlan } from "../../desired/node-plan.ts";
import type { Step } from "../../steps/step.ts";
import { waitForApiserver } from "../../steps/wait-for-apiserver.ts";
import { isApiAtHand } from "../api-at-hand.ts";
import { changeLane, newNodeLanes, putBack } from "../kube-lane.ts";
import { rollingPlane } from "../rolling-plane.ts";
import { type Lane, type Phase, rolling, sideBySide, type World } from "../runbook.ts";
import {
  hasApiBeside,
  hasRole,
  isNewNode,
  kubeNodeOf,
  reachedPlans,
  runsApiServer,
  seenContainer,
  servesApi,
  unreachablePlans,
} from "../world.ts";

/**
 * Starts Kubernetes on control planes that are new, all at once: nobody depends on them yet. On a new cluster the workers
 * start with them; later, a worker waits until the API servers are at its version, since a kubelet must not be newer.
 */
export function startNewNodes(world: World): Phase {
  return sideBySide(
    "Start Kubernetes",
    newPlans(world).map((plan) => newNodeLanes(world, plan).start),
  );
}

/**
 * Waits for the API servers that {@link startNewNodes} has started. Before anything else: on a new cluster a kubelet
 * cannot register, and so no kube-proxy can find its node, until the API has granted them their rights.
 */
export function newApiServers(world: World): Phase {
  return sideBySide(
    "Wait for the API servers",
    newPlans(world).map((plan) => newNodeLanes(world, plan).finish.filter(isForApiServer)),
  );
}

/** Waits for the rest of what {@link startNewNodes} has started; apart, so that the slowest start holds up no other. */
export function newNodesStarted(world: World): Phase {
  return sideBySide(
    "Wait for Kubernetes",
    newPlans(world).map((plan) => [
      ...newNodeLanes(world, plan).finish.filter((step) => !isForApiServer(step)),
      // Only a machine that takes another one's place has a Node object by now, with what was done to it.
      ...putBack(plan, kubeNodeOf(world, plan.node.hostnameOverride)),
    ]),
  );
}

const isForApiServer = ({ kind }: Step): boolean => kind === "wait-for-apiserver";

/** The new machines that start without anybody's leave. */
export function newPlans(world: World): readonly NodePlan[] {
  const isFirst = world.facts.kube === undefined && controlPlanes(world).every((plan) => isNewNode(world, plan));
  return reachedPlans(world).filter((plan) => isNewNode(world, plan) && (isFirst || hasRole(plan, "controlplane")));
}

/**
 * Changes control planes that serve nobody as they are, before anything asks the API. Those without a running API server
 * go all at once; one that runs and does not answer may still serve others, so then it is one after another.
 */
export function repairControlPlanes(world: World): Phase {
  const plans = inUse(world).filter((plan) => isRepaired(world, plan));
  const mute = plans.filter((plan) => runsApiServer(world, plan));
  const lanes = [...plans.filter((plan) => !mute.includes(plan)), ...mute].map((plan): Lane => {
    const lane = changeLane(world, plan);
    const waits = lane.some(({ kind }) => kind === "wait-for-apiserver") || !isApiAtHand(world);
    return waits ? lane : [...lane, waitForApiserver({ node: plan.node.address })];
  });
  return mute.length === 0 ? sideBySide("Repair control planes", lanes) : rolling("Repair control planes", lanes, 1);
}

/** A node that only gets the role, while others have it, loses nothing by waiting for its turn; its pods would. */
const isRepaired = (world: World, plan: NodePlan): boolean =>
  !servesApi(world, plan) &&
  (seenContainer(world, plan.node.address, "kube-apiserver") !== undefined || !hasApiBeside(world, plan));

/** Changes the other control planes, one after another unless more may be missing; those that are down first. */
export function changeControlPlanes(world: World): Phase | undefined {
  const { maxUnavailableControlplane: maxUnavailable } = world.desired.config.upgradeStrategy;
  return rollingPlane(world, {
    title: "Change control planes",
    name: "control plane",
    plans: inUse(world).filter((plan) => !isRepaired(world, plan)),
    unreachable: unreachablePlans(world).filter((plan) => hasRole(plan, "controlplane")),
    maxUnavailable,
  });
}

const inUse = (world: World): readonly NodePlan[] => controlPlanes(world).filter((plan) => !isNewNode(world, plan));

const controlPlanes = (world: World): readonly NodePlan[] =>
  reachedPlans(world).filter((plan) => hasRole(plan, "controlplane"));
