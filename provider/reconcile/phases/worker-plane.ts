import type { NodePlan } from "../../desired/node-plan.ts";
import { changeLane, newNodeLanes } from "../kube-lane.ts";
import { type RollingPlane, rollingPlane } from "../rolling-plane.ts";
import { type Lane, type Phase, rolling, sideBySide, type World } from "../runbook.ts";
import { hasRole, isNewNode, isSick, reachedPlans, seenContainer, unreachablePlans } from "../world.ts";
import { newPlans } from "./control-plane.ts";

/** Brings workers into a cluster that has been there before. */
export function addWorkers(world: World): Phase {
  const started = new Set(newPlans(world));
  const plans = others(world).filter((plan) => isNewNode(world, plan) && !started.has(plan));
  return sideBySide(
    "Start Kubernetes on new nodes",
    plans.map((plan) => {
      const { start, finish } = newNodeLanes(world, plan);
      return [...start, ...finish];
    }),
  );
}

/** Changes nodes that run etcd but no API server one at a time, whatever may be missing of the workers. */
export const changeEtcdNodes = (world: World): Phase =>
  rolling("Change etcd nodes", etcdLanes(world, { ofFormerControlPlanes: false }), 1);

/** Changes the workers in use, no more at a time than may be missing; sick ones first. */
export const changeWorkers = (world: World): Phase | undefined =>
  rollingWorkers(world, { title: "Change workers", isMeant: (plan) => !wasControlPlane(world, plan) });

/**
 * Takes the API server from etcd nodes and workers that are control planes no more. After all others have been changed:
 * until then their proxies may know no other API server.
 */
export const changeFormerControlPlanes = (world: World): readonly (Phase | undefined)[] => [
  rolling("Change former control planes to etcd nodes", etcdLanes(world, { ofFormerControlPlanes: true }), 1),
  rollingWorkers(world, {
    title: "Change former control planes to workers",
    isMeant: (plan) => wasControlPlane(world, plan),
  }),
];

function etcdLanes(
  world: World,
  { ofFormerControlPlanes }: { readonly ofFormerControlPlanes: boolean },
): readonly Lane[] {
  return others(world)
    .filter((plan) => !isNewNode(world, plan) && hasRole(plan, "etcd"))
    .filter((plan) => wasControlPlane(world, plan) === ofFormerControlPlanes)
    .toSorted((a, b) => Number(isSick(world, b)) - Number(isSick(world, a)))
    .map((plan) => changeLane(world, plan));
}

function rollingWorkers(world: World, phase: Pick<RollingPlane, "title" | "isMeant">): Phase | undefined {
  const isWorkerOnly = (plan: NodePlan) => !hasRole(plan, "etcd") && !hasRole(plan, "controlplane");
  return rollingPlane(world, {
    ...phase,
    name: "worker",
    plans: others(world).filter((plan) => !isNewNode(world, plan) && isWorkerOnly(plan)),
    unreachable: unreachablePlans(world).filter(isWorkerOnly),
    maxUnavailable: world.desired.config.upgradeStrategy.maxUnavailableWorker,
  });
}

/** Whether a node that is no control plane has an API server that others may still ask. */
const wasControlPlane = (world: World, plan: NodePlan): boolean =>
  !hasRole(plan, "controlplane") && seenContainer(world, plan.node.address, "kube-apiserver") !== undefined;

const others = (world: World): readonly NodePlan[] =>
  reachedPlans(world).filter((plan) => !hasRole(plan, "controlplane"));
