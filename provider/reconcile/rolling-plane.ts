import type { NodePlan } from "../desired/node-plan.ts";
import { changeLane, ready } from "./kube-lane.ts";
import { type Phase, rolling, type World } from "./runbook.ts";
import { repairWidthOf, roomIn, widthOf } from "./width.ts";
import { hasRole, isServing, isSick, kubeNodeOf, nameOf, runsApiServer } from "./world.ts";

/** A plane to be changed lane after lane. */
export interface RollingPlane {
  readonly title: string;
  /** As it reads before "nodes": `worker`. */
  readonly name: string;
  /** The nodes that are in use and can be reached. */
  readonly plans: readonly NodePlan[];
  readonly unreachable: readonly NodePlan[];
  readonly maxUnavailable: string;
  /** Which of them this phase changes; the others have another one, and count all the same. */
  readonly isMeant?: (plan: NodePlan) => boolean;
}

/**
 * Changes the nodes of a plane, no more at a time than may be missing; sick ones first, because changing them can only
 * help. Nodes that are missing, and stay so whatever is done, take from what is allowed; where that leaves nothing, those
 * that are only not Ready are waited for.
 */
export function rollingPlane(world: World, plane: RollingPlane): Phase | undefined {
  const { title, name, plans, unreachable, maxUnavailable, isMeant = () => true } = plane;
  if (!plans.some(isMeant)) return undefined;
  const lanes = plans.map((plan) => ({ plan, lane: changeLane(world, plan) }));
  const due = lanes.filter(({ plan, lane }) => lane.length > 0 && isMeant(plan));
  if (due.length === 0) return undefined;
  const sick = lanes.flatMap(({ plan, lane }) => (lane.length === 0 && isKnownNotReady(world, plan) ? [plan] : []));
  const size = plans.length + unreachable.length;
  const lost = { name, size, missing: unreachable.map(({ node }) => `${nameOf(node)} cannot be reached`) };
  const all = { ...lost, missing: [...lost.missing, ...sick.map(({ node }) => `${nameOf(node)} is not Ready`)] };

  const inTurn = due.toSorted((a, b) => urgency(world, b.plan) - urgency(world, a.plan));
  const changes = inTurn.map(({ lane }) => lane);
  if (!due.some(({ plan, lane }) => isServing(world, plan) && disturbs(lane))) {
    return rolling(title, changes, repairWidthOf(maxUnavailable, all));
  }
  if (roomIn(maxUnavailable, all) > 0) return rolling(title, changes, widthOf(maxUnavailable, all));
  const waits = sick.map((plan) => [ready(plan)]);
  return rolling(title, [...waits, ...changes], widthOf(maxUnavailable, lost));
}

/** How little is lost by changing a machine: most where its API server is down, less where its node takes no pods. */
const urgency = (world: World, plan: NodePlan): number =>
  (hasRole(plan, "controlplane") && !runsApiServer(world, plan) ? 2 : 0) + (isSick(world, plan) ? 1 : 0);

const isKnownNotReady = (world: World, { node }: NodePlan): boolean =>
  kubeNodeOf(world, node.hostnameOverride)?.isReady === false;

/** To wait, and to put a node back into scheduling, takes nothing away. */
const disturbs = (lane: Phase["lanes"][number]): boolean =>
  lane.some(({ kind }) => kind !== "uncordon-node" && !kind.startsWith("wait-"));
