import type { NodePlan } from "../desired/node-plan.ts";
import { changeLane } from "./kube-lane.ts";
import { type Phase, rolling, type World } from "./runbook.ts";
import { repairWidthOf, widthOf } from "./width.ts";
import { isServing, isSick, kubeNodeOf, nameOf } from "./world.ts";

/** A plane to be changed lane after lane. */
export interface RollingPlane {
  readonly title: string;
  /** As it reads before "nodes": `worker`. */
  readonly name: string;
  /** The nodes that are in use and can be reached. */
  readonly plans: readonly NodePlan[];
  readonly unreachable: readonly NodePlan[];
  readonly maxUnavailable: string;
}

/**
 * Changes the nodes of a plane, no more at a time than may be missing; sick ones first, because changing them can only
 * help. Nodes that are missing, and stay so whatever is done, take from what is allowed.
 */
export function rollingPlane(world: World, plane: RollingPlane): Phase | undefined {
  const { title, name, plans, unreachable, maxUnavailable } = plane;
  const lanes = plans.map((plan) => ({ plan, lane: changeLane(world, plan) }));
  const due = lanes.filter(({ lane }) => lane.length > 0);
  if (due.length === 0) return undefined;
  const sick = lanes.filter(({ plan, lane }) => lane.length === 0 && isKnownNotReady(world, plan));
  const sized = {
    name,
    size: plans.length + unreachable.length,
    missing: [
      ...unreachable.map(({ node }) => `${nameOf(node)} cannot be reached`),
      ...sick.map(({ plan }) => `${nameOf(plan.node)} is not Ready`),
    ],
  };
  const width = due.some(({ plan, lane }) => isServing(world, plan) && disturbs(lane))
    ? widthOf(maxUnavailable, sized)
    : repairWidthOf(maxUnavailable, sized);
  const sickFirst = due.toSorted((a, b) => Number(isSick(world, b.plan)) - Number(isSick(world, a.plan)));
  return rolling(
    title,
    sickFirst.map(({ lane }) => lane),
    width,
  );
}

const isKnownNotReady = (world: World, { node }: NodePlan): boolean =>
  kubeNodeOf(world, node.hostnameOverride)?.isReady === false;

/** To put a node back into scheduling takes nothing away. */
const disturbs = (lane: Phase["lanes"][number]): boolean => lane.some(({ kind }) => kind !== "uncordon-node");
