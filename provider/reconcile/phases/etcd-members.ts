import type { NodePlan } from "../../desired/node-plan.ts";
import { removeContainer } from "../../steps/remove-container.ts";
import { runContainer } from "../../steps/run-container.ts";
import { waitForEtcd } from "../../steps/wait-for-etcd.ts";
import { containerStep } from "../container-steps.ts";
import { etcdDirectory } from "../etcd-directory.ts";
import { joiningContainer } from "../joining-container.ts";
import { membership } from "../membership.ts";
import { inOrder, type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { container, memberOf, seenContainer } from "../world.ts";

/**
 * Starts the members that are down, all at once: one alone may have to wait for another to make a majority. Those that
 * run and are only short of a majority are waited for, too.
 */
export function reviveEtcdMembers(world: World): Phase | undefined {
  const planned = membership(world);
  if (planned === undefined) return undefined;
  const via = (world.facts.etcd?.members ?? []).flatMap(({ node, isHealthy, isLearner }) =>
    isHealthy && !isLearner && node !== undefined ? [node] : [],
  );
  return sideBySide(
    "Bring back etcd members",
    [...planned.revived, ...planned.awaited].map((plan) => [
      ...reviveSteps(world, plan),
      waitForEtcd({ node: plan.node.address, inSync: true, via }),
    ]),
  );
}

function reviveSteps(world: World, plan: NodePlan): Lane {
  const { address, internalAddress } = plan.node;
  const etcd = container(plan, "etcd");
  const step = etcd && containerStep(world, plan, etcd);
  const member = memberOf(world, internalAddress);
  if (step === undefined || member === undefined) return [];
  const isThere = seenContainer(world, address, "etcd") !== undefined;
  const directory = isThere ? [] : [etcdDirectory(world, plan, { isFresh: false })];
  if (member.hasStarted || !world.facts.etcd?.hasQuorum) return [...directory, step];
  // One that has never got as far as joining reads the list of members at its start.
  const joining = joiningContainer(world, plan, { members: world.facts.etcd.members });
  return [
    ...(isThere ? [removeContainer({ node: address, name: "etcd" })] : directory),
    runContainer({ node: address, container: joining }),
  ];
}

/**
 * Brings the members of etcd to the nodes that should have one, one deed at a time. Dead members that leave go first,
 * because they weigh on the quorum; then each that joins comes in as a learner and is promoted when it has caught up.
 */
export function joinEtcd(world: World): Phase | undefined {
  return inOrder("Change the members of etcd", membership(world)?.arrivals ?? []);
}

/**
 * Takes the healthy members that leave out of etcd, one at a time. They go last: the API servers ask them until these
 * have been told of the new ones, and while all members are replaced they are the only ones that these know.
 */
export function partEtcd(world: World): Phase | undefined {
  return inOrder("Take members out of etcd", membership(world)?.departures ?? []);
}
