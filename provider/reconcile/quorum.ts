import type { EtcdMemberFact } from "../observed/facts.ts";

/** The members of etcd as they would be after some deeds: what a plan reasons with. */
export interface Voters {
  /** Voters that are healthy. */
  readonly healthy: number;
  readonly all: number;
}

export const quorumOf = (voters: number): number => Math.floor(voters / 2) + 1;

export function votersAmong(members: readonly Pick<EtcdMemberFact, "isLearner" | "isHealthy">[]): Voters {
  const voters = members.filter(({ isLearner }) => !isLearner);
  return { all: voters.length, healthy: voters.filter(({ isHealthy }) => isHealthy).length };
}

/** Why nothing can be changed about the members at all: those that are there have to agree. */
export const whyNotChange = (voters: Voters): string | undefined => whyNot(voters, "are healthy");

/** Why a voter must not be taken out of etcd; undefined when it may. */
export function whyNotRemove(voters: Voters, { isHealthy }: { readonly isHealthy: boolean }): string | undefined {
  const { healthy, all } = voters;
  return (
    whyNotChange(voters) ?? whyNot({ all: all - 1, healthy: healthy - (isHealthy ? 1 : 0) }, "are healthy afterwards")
  );
}

/**
 * Why a running voter must not be restarted now. With one or two voters a restart always stops etcd for a moment, and
 * nothing could be changed if that were forbidden; but then all must be well.
 */
export function whyNotRestart(
  { healthy, all }: Voters,
  { isHealthy }: { readonly isHealthy: boolean },
): string | undefined {
  if (!isHealthy || (all <= 2 && healthy === all)) return undefined;
  return whyNot({ all, healthy: healthy - 1 }, "are healthy in the meantime");
}

function whyNot({ all, healthy }: Voters, when: string): string | undefined {
  const quorum = quorumOf(all);
  if (all > 0 && healthy >= quorum) return undefined;
  return all <= 0 ? "it is the last member" : `${healthy} of ${all} members ${when} and quorum is ${quorum}`;
}
