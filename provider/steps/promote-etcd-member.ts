import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { type Probe, until } from "../execute/wait.ts";
import type { Outcome } from "../progress.ts";
import { askMember, byPeerUrl, lagOf, smallLag, statusesOf } from "./etcd-members.ts";
import { withLastWords } from "./last-words.ts";
import { defineStep } from "./step.ts";

export interface PromoteEtcdMemberParams {
  /** The machine on which the learner runs. */
  readonly node: string;
  readonly peerUrl: string;
  /** Addresses of the members that have a vote. */
  readonly via: readonly string[];
  /** A large database takes its time to arrive. */
  readonly limitMs?: number;
}

/** Gives a learner its vote, as soon as it has what the others have and not before. */
export const promoteEtcdMember = defineStep<PromoteEtcdMemberParams>("promote-etcd-member", {
  title: () => "give the etcd learner its vote, once it is in sync",

  async run(params, context) {
    const { node, limitMs = 900_000 } = params;
    try {
      return await until("the etcd learner to be in sync", () => look(params, context), {
        intervalMs: 1000,
        limitMs,
        context,
        node,
        hint: "The learner has no vote and does no harm: run it again to go on waiting",
      });
    } catch (error) {
      throw await withLastWords(error, { node, name: "etcd" }, context);
    }
  },
});

async function look({ node, peerUrl, via }: PromoteEtcdMemberParams, context: Context): Promise<Probe<Outcome>> {
  const list = { context, what: "list the members of etcd" };
  const member = byPeerUrl(await askMember(via, (etcd, signal) => etcd.members({ signal }), list), peerUrl);
  if (member === undefined) {
    throw new RkeError("etcd", {
      doing: "give the etcd learner its vote",
      node: context.nameOf(node),
      because: `etcd has no member with the peer URL ${peerUrl}`,
      hint: "Somebody has removed it meanwhile; run it again, and it is added anew",
    });
  }
  if (!member.isLearner) return { done: true, value: "unchanged" };
  if (member.name === "") return { done: false, lastAnswer: "it has not joined yet" };

  const [own, others] = await Promise.all([
    context.etcd(node).status({ signal: context.signal }),
    statusesOf(via, context),
  ]);
  const lag = lagOf(own, others);
  if (lag > smallLag) return { done: false, lastAnswer: `${lag} entries behind` };
  const give = { context, what: "give the etcd learner its vote" };
  const answer = await askMember(via, (etcd, signal) => etcd.promote(member.id, { signal }), give);
  return answer === "promoted" ? { done: true, value: "changed" } : { done: false, lastAnswer: answer };
}
