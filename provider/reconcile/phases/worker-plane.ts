import type { NodePlan } from "../../desired/node-plan.ts";
import { changeLane, newNodeLane, waitsFor } from "../kube-lane.ts";
import { rollingPlane } from "../rolling-plane.ts";
import { type Phase, rolling, sideBySide, type World } from "../runbook.ts";
import { hasRole, isNewNode, isSick, reachedPlans, unreachablePlans } from "../world.ts";
import { newPlans } from "./control-plane.ts";

/** Brings workers into a cluster that has been there before. */
export function addWorkers(world: World): Phase {
  const started = new Set(newPlans(world));
  const plans = others(world).filter((plan) => isNewNode(world, plan) && !started.has(plan));
  return sideBySide(
    "Start Kubernetes on new nodes",
    plans.map((plan) => {
      const lane = newNodeLane(world, plan);
      return [...lane, ...waitsFor(plan, lane)];
    }),
  );
}

/** Changes nodes that run etcd but no API server one at a time, whatever may be missing of the workers. */
export function changeEtcdNodes(world: World): Phase {
  const plans = others(world).filter((plan) => !isNewNode(world, plan) && hasRole(plan, "etcd"));
  const sickFirst = plans.toSorted((a, b) => Number(isSick(world, b)) - Number(isSick(world, a)));
  return rolling(
    "Change etcd nodes",
    sickFirst.map((plan) => changeLane(world, plan)),
    1,
  );
}

/** Changes the workers in use, no more at a time than may be missing; sick ones first. */
export function changeWorkers(world: World): Phase | undefined {
  const isWorkerOnly = (plan: NodePlan) => !hasRole(plan, "etcd") && !hasRole(plan, "controlplane");
  return rollingPlane(world, {
    title: "Change workers",
    name: "worker",
    plans: others(world).filter((plan) => !isNewNode(world, plan) && isWorkerOnly(plan)),
    unreachable: unreachablePlans(world).filter(isWorkerOnly),
    maxUnavailable: world.desired.config.upgradeStrategy.maxUnavailableWorker,
  });
}

const others = (world: World): readonly NodePlan[] =>
  reachedPlans(world).filter((plan) => !hasRole(plan, "controlplane"));
