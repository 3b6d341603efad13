import { describe, expect, it } from "vitest";

import type { EtcdMemberFact } from "../../../provider/observed/facts.ts";
import { snapshotMember } from "../../../provider/reconcile/snapshot-member.ts";

const nameOf = (address: string): string => `machine ${address}`;

const member = (node: string, changes: Partial<EtcdMemberFact> = {}): EtcdMemberFact => ({
  id: node,
  name: `etcd-${node}`,
  node,
  peerUrls: [],
  hasStarted: true,
  isLearner: false,
  isHealthy: true,
  isLeader: false,
  lag: 0,
  ...changes,
});

const chosen = (...members: readonly EtcdMemberFact[]): string => snapshotMember(members, { nameOf }).node;

describe("snapshotMember()", () => {
  it("is not the leader where there is a choice", () => {
    expect(chosen(member("a", { isLeader: true }), member("b"))).toBe("b");
  });

  it("is the leader where there is no other", () => {
    expect(chosen(member("a", { isLeader: true }))).toBe("a");
  });

  it("is the leader rather than a follower that is far behind", () => {
    expect(chosen(member("a", { isLeader: true }), member("b", { lag: 501 }))).toBe("a");
  });

  it("is of two followers the one that is the furthest", () => {
    expect(chosen(member("a", { lag: 3 }), member("b", { lag: 2 }))).toBe("b");
  });

  it("says of each member why it is not fit when none is", () => {
    const members = [
      member("a", { isLearner: true }),
      member("b", { isHealthy: false }),
      member("c", { lag: 9000 }),
      { ...member("d"), node: undefined },
    ];

    expect(() => snapshotMember(members as readonly EtcdMemberFact[], { nameOf })).toThrow(
      "no member of it is healthy and in sync: machine a is a learner; machine b does not call itself healthy; " +
        "machine c is 9000 entries behind; etcd-d is on no machine of the cluster",
    );
  });

  it("says that nobody answers when nobody does", () => {
    expect(() => snapshotMember([], { nameOf })).toThrow("no member of etcd answers");
  });
});
