import type { NodePlan } from "../../desired/node-plan.ts";
import { RkeError } from "../../errors.ts";
import { handOverEtcd } from "../../steps/hand-over-etcd.ts";
import { runContainer } from "../../steps/run-container.ts";
import { waitForEtcd } from "../../steps/wait-for-etcd.ts";
import { containerStep } from "../container-steps.ts";
import { etcdDirectory } from "../etcd-directory.ts";
import { membership } from "../membership.ts";
import { quorumOf, whyNotRestart } from "../quorum.ts";
import { type Lane, type Phase, rolling, sideBySide, type World } from "../runbook.ts";
import { container, etcdPlans, formerMembers, hasRole, memberOf, nameOf, seenContainer, silenceOf } from "../world.ts";

/** Founds etcd: all members at once, because none is of use before there is a majority. */
export function foundEtcd(world: World): Phase | undefined {
  if (world.facts.etcd !== undefined) return undefined;
  refuseMinority(world);
  const lanes = etcdPlans(world).map((plan): Lane => {
    const etcd = container(plan, "etcd");
    const step = etcd && containerStep(world, plan, etcd);
    if (step === undefined) return [];
    const isFirst = seenContainer(world, plan.node.address, "etcd") === undefined;
    return [...(isFirst ? [etcdDirectory(world, plan, { isFresh: false })] : []), step];
  });
  return sideBySide("Start etcd", lanes);
}

/**
 * A minority of the members would wait for the others without end. Those of a cluster that has been there are the nodes it
 * had, those that leave among them; nothing else is known while etcd is silent.
 */
function refuseMinority(world: World): void {
  const before = formerMembers(world);
  const founders = world.desired.nodes.filter((plan) => hasRole(plan, "etcd")).map(({ node }) => node);
  const members = before.length > 0 ? before : founders;
  const starting = new Set(etcdPlans(world).map(({ node }) => node.address));
  const here = members.filter(({ address }) => starting.has(address) || runsEtcd(world, address));
  if (members.length === 0 || here.length >= quorumOf(members.length)) return;
  const missing = members.filter((member) => !here.includes(member));
  throw new RkeError("unsafe", {
    doing: "start etcd",
    because: `${here.length} of ${members.length} members can be started and quorum is ${quorumOf(members.length)}; these cannot${silenceOf(world, missing)}`,
    hint: "Bring the nodes back, or restore the cluster from a snapshot; a new cluster can do without them",
  });
}

const runsEtcd = (world: World, address: string): boolean => seenContainer(world, address, "etcd")?.state === "running";

/** Waits for the members that {@link foundEtcd} has started; apart, so that none waits for one that is not started yet. */
export function etcdFounded(world: World): Phase | undefined {
  if (world.facts.etcd !== undefined) return undefined;
  return sideBySide(
    "Wait for etcd",
    etcdPlans(world).map(({ node }) => [waitForEtcd({ node: node.address })]),
  );
}

/** Changes the members of a living etcd one at a time, the leader last, and waits for each to be in sync again. */
export function etcdPlane(world: World): Phase | undefined {
  const planned = membership(world);
  if (planned === undefined) return undefined;
  const elsewhere = new Set([...planned.revived, ...planned.joining]);
  const due = etcdPlans(world).flatMap((plan) => {
    const member = memberOf(world, plan.node.internalAddress);
    const etcd = container(plan, "etcd");
    const step = etcd && containerStep(world, plan, etcd);
    return step === undefined || member === undefined || elsewhere.has(plan) ? [] : [{ plan, member, step }];
  });
  const inTurn = due.toSorted((a, b) => Number(a.member.isLeader) - Number(b.member.isLeader));
  for (const { plan, member } of inTurn) {
    const because = whyNotRestart(planned.voters, member);
    if (because !== undefined) throw unsafe(plan, because);
  }
  return rolling(
    "Change etcd",
    inTurn.map(({ plan: { node }, member: { isLeader }, step }) => {
      const via = planned.healthy.filter((address) => address !== node.address);
      const handOver = isLeader && via.length > 0 ? [handOverEtcd({ node: node.address, via })] : [];
      return [...handOver, step, waitForEtcd({ node: node.address, inSync: true, via })];
    }),
    1,
  );
}

/** Keeps the containers that take snapshots as they should be. Nothing depends on them, so all at once. */
export function snapshots(world: World): Phase {
  return sideBySide(
    "Keep snapshots going",
    etcdPlans(world).map((plan) => {
      const planned = container(plan, "etcd-rolling-snapshots");
      const step = planned && containerStep(world, plan, planned);
      return planned === undefined || step === undefined
        ? []
        : [runContainer({ node: plan.node.address, container: planned })];
    }),
  );
}

const unsafe = ({ node }: NodePlan, because: string): RkeError =>
  new RkeError("unsafe", {
    doing: "restart etcd",
    node: nameOf(node),
    because,
    hint: "Repair the unhealthy members first, or restore the cluster from a snapshot",
  });
