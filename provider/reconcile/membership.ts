import type { NodePlan } from "../desired/node-plan.ts";
import { RkeError } from "../errors.ts";
import type { EtcdMemberFact } from "../observed/facts.ts";
import { containerStep } from "./container-steps.ts";
import { type Voters, votersAmong, whyNotChange } from "./quorum.ts";
import type { Lane, World } from "./runbook.ts";
import { Turnover } from "./turnover.ts";
import {
  container,
  etcdPlans,
  formerMembers,
  hasRole,
  holdsEtcdData,
  memberOf,
  nameOf,
  peerUrl,
  reachedPlans,
  seenContainer,
  unreachablePlans,
} from "./world.ts";

/** Everything that happens to the list of etcd's members, in the order in which it happens. */
export interface Membership {
  /** Nodes whose member is down and has all it needs to come back. */
  readonly revived: readonly NodePlan[];
  /** Nodes whose member runs, and will serve as soon as there is a majority, as there will be. */
  readonly awaited: readonly NodePlan[];
  /** Dead members and learners that leave go out; then each that joins comes in. */
  readonly arrivals: Lane;
  /** Nodes that {@link arrivals} take care of. */
  readonly joining: readonly NodePlan[];
  /** Who votes between arrivals and departures. */
  readonly voters: Voters;
  /** Addresses of those that are healthy then. */
  readonly healthy: readonly string[];
  /** Healthy members that leave: last, because the API servers ask them until these have been told of others. */
  readonly departures: Lane;
}

/** Plans the way from the members that are to those that should be; undefined while no member answers. */
export function membership(world: World): Membership | undefined {
  const { etcd } = world.facts;
  const joining = joiners(world);
  if (etcd === undefined) {
    if (joining.length > 0) throw etcdSilent(world, joining);
    return undefined;
  }
  const revived = revivable(world, joining);
  const members = etcd.members.map((member) => ({ ...member, isHealthy: isFit(world, member, revived) }));
  if (revived.length > 0) refuseMinority(revived, members);
  const awaited = canAgree(members) ? etcdPlans(world).filter((plan) => isAwaited(world, plan, revived)) : [];
  const leaving = leavers(world, members);
  const parting = leaving.filter(({ isHealthy, isLearner }) => isHealthy && !isLearner);
  refuseSecondLearner(world, joining);

  const turnover = new Turnover(world, members);
  for (const member of leaving) if (!parting.includes(member)) turnover.remove(member.id);
  for (const plan of joining) turnover.join(plan);
  const arrivals = turnover.taken();
  const between = { voters: turnover.voters, healthy: turnover.healthy() };
  // The leader last: each time it goes, the others have to elect one.
  for (const member of parting.toSorted((a, b) => Number(a.isLeader) - Number(b.isLeader))) turnover.remove(member.id);
  return { revived, awaited, arrivals, joining, ...between, departures: turnover.taken() };
}

/**
 * Nodes that should have a voter and have none, or whose member has lost its data. Learners that are there come first:
 * etcd takes one at a time.
 */
function joiners(world: World): readonly NodePlan[] {
  if (!isFormed(world)) return [];
  const isLearner = ({ node }: NodePlan) => memberOf(world, node.internalAddress)?.isLearner ?? false;
  return reachedPlans(world)
    .filter((plan) => {
      if (!hasRole(plan, "etcd") || container(plan, "etcd") === undefined) return false;
      if (world.facts.etcd === undefined) return !holdsEtcdData(world, plan);
      const member = memberOf(world, plan.node.internalAddress);
      if (member === undefined || member.isLearner) return true;
      return member.hasStarted && !member.isHealthy && !holdsEtcdData(world, plan);
    })
    .toSorted((a, b) => Number(isLearner(b)) - Number(isLearner(a)));
}

/** Whether there is an etcd that nodes could join, rather than one that they are about to found together. */
const isFormed = (world: World): boolean => world.facts.etcd !== undefined || formerMembers(world).length > 0;

/** Nodes whose member is not well, and whose container is not as it should be. To start it can only help. */
function revivable(world: World, joining: readonly NodePlan[]): readonly NodePlan[] {
  return reachedPlans(world).filter((plan) => {
    const etcd = container(plan, "etcd");
    const member = memberOf(world, plan.node.internalAddress);
    if (etcd === undefined || member === undefined || member.isHealthy || joining.includes(plan)) return false;
    return containerStep(world, plan, etcd) !== undefined;
  });
}

/** Whether a member is well, or will be: started again, or running and only short of others to agree with. */
function isFit(world: World, { isHealthy, node }: EtcdMemberFact, revived: readonly NodePlan[]): boolean {
  if (isHealthy || node === undefined) return isHealthy;
  if (revived.some((plan) => plan.node.address === node)) return true;
  return world.facts.etcd?.hasQuorum === false && seenContainer(world, node, "etcd")?.state === "running";
}

function isAwaited(world: World, plan: NodePlan, revived: readonly NodePlan[]): boolean {
  const member = memberOf(world, plan.node.internalAddress);
  const isMute = member !== undefined && !member.isLearner && !member.isHealthy && !revived.includes(plan);
  return isMute && isFit(world, member, revived);
}

/** Members that are started and have no majority would wait for the others without end. */
function refuseMinority(revived: readonly NodePlan[], members: readonly EtcdMemberFact[]): void {
  const because = whyNotChange(votersAmong(members));
  if (because === undefined) return;
  throw new RkeError("unsafe", {
    doing: `bring back etcd on ${revived.map(({ node }) => nameOf(node)).join(", ")}`,
    because: `with it ${because}`,
    hint: "Bring the other members back first, or restore the cluster from a snapshot",
  });
}

const canAgree = (members: readonly EtcdMemberFact[]): boolean => whyNotChange(votersAmong(members)) === undefined;

/** Members on no wanted node. A node that does not answer is still wanted, and its member stays. */
function leavers(world: World, members: readonly EtcdMemberFact[]): readonly EtcdMemberFact[] {
  const wanted = world.desired.nodes.filter((plan) => hasRole(plan, "etcd"));
  const urls = new Set(wanted.map(({ node }) => peerUrl(node.internalAddress)));
  return members.filter(({ peerUrls }) => !peerUrls.some((url) => urls.has(url)));
}

function etcdSilent(world: World, joining: readonly NodePlan[]): RkeError {
  const members = formerMembers(world);
  return new RkeError("unsafe", {
    doing: `add ${joining.map(({ node }) => nameOf(node)).join(", ")} to etcd`,
    because: `0 of ${members.length} members answer`,
    hint: "Bring the members back first, without new ones; where their data are lost, restore a snapshot",
  });
}

/** etcd refuses a second learner, and one on a machine that does not answer can neither be promoted nor is it ours to remove. */
function refuseSecondLearner(world: World, joining: readonly NodePlan[]): void {
  const stuck = unreachablePlans(world).filter(({ node }) => memberOf(world, node.internalAddress)?.isLearner);
  const [first] = joining.filter(({ node }) => memberOf(world, node.internalAddress)?.isLearner !== true);
  if (stuck.length === 0 || first === undefined) return;
  throw new RkeError("unsafe", {
    doing: `add ${nameOf(first.node)} to etcd`,
    because: `etcd takes 1 learner at a time, and there is one on ${stuck.map(({ node }) => nameOf(node)).join(", ")}, which cannot be reached`,
    hint: "Bring that node back, or take it out of the cluster, then try again",
  });
}
