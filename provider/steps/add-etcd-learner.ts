import { askMember, byPeerUrl } from "./etcd-members.ts";
import { defineStep } from "./step.ts";

export interface AddEtcdLearnerParams {
  /** The machine on which the member will run. */
  readonly node: string;
  /** Of the member: `etcd-node-4`. */
  readonly name: string;
  readonly peerUrl: string;
  /** Addresses of members that can be asked, the best first. */
  readonly via: readonly string[];
}

/** Announces a member to etcd, without a vote: one that never starts cannot cost the quorum. */
export const addEtcdLearner = defineStep<AddEtcdLearnerParams>("add-etcd-learner", {
  title: ({ name }) => `add ${name} to etcd as a learner`,

  async run({ name, peerUrl, via }, context) {
    const add = { context, what: `add ${name} to etcd` };
    // Whether an answer was lost on the way shows in the list, which is read before each attempt.
    return askMember(
      via,
      async (etcd, signal) => {
        if (byPeerUrl(await etcd.members({ signal }), peerUrl) !== undefined) return "unchanged";
        await etcd.addLearner(peerUrl, { signal });
        return "changed";
      },
      add,
    );
  },
});
