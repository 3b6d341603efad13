import { RkeError } from "../errors.ts";
import type { EtcdMemberFact } from "../observed/facts.ts";
import { smallLag } from "../steps/etcd-members.ts";

/** A member that a snapshot can be taken from. */
export interface SnapshotMember extends EtcdMemberFact {
  /** Address of its machine. */
  readonly node: string;
}

/**
 * The member that a snapshot is taken from: a voter that is healthy and in sync. Not the leader where there is a choice,
 * since it has the most to do, and of the others the one that is the furthest.
 */
export function snapshotMember(
  members: readonly EtcdMemberFact[],
  { nameOf }: { readonly nameOf: (address: string) => string },
): SnapshotMember {
  const fit = members.filter(canGiveSnapshot);
  const [best] = fit.toSorted((a, b) => Number(a.isLeader) - Number(b.isLeader) || (a.lag ?? 0) - (b.lag ?? 0));
  if (best !== undefined) return best;
  const reasons = members.map(
    (member) => `${member.node === undefined ? member.name : nameOf(member.node)} ${whyUnfit(member)}`,
  );
  throw new RkeError("etcd", {
    doing: "take a snapshot of etcd",
    because:
      reasons.length === 0
        ? "no member of etcd answers"
        : `no member of it is healthy and in sync: ${reasons.join("; ")}`,
    hint: 'See what "docker logs etcd" says on these machines, or run pulumi up to repair the cluster',
  });
}

/** Whether a member is a voter that is healthy, in sync, and on a machine of the cluster. */
export const canGiveSnapshot = (member: EtcdMemberFact): member is SnapshotMember => whyUnfit(member) === undefined;

function whyUnfit({ node, isLearner, isHealthy, lag = 0 }: EtcdMemberFact): string | undefined {
  if (node === undefined) return "is on no machine of the cluster";
  if (isLearner) return "is a learner";
  if (!isHealthy) return "does not call itself healthy";
  return lag > smallLag ? `is ${lag} entries behind` : undefined;
}
