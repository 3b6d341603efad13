import { RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import type { EtcdMember } from "../hosts/etcd.ts";
import { askMember } from "./etcd-members.ts";
import { defineStep } from "./step.ts";

export interface RemoveEtcdMemberParams {
  /** Address of the machine that leaves. Nothing is asked of it: it may be gone. */
  readonly node: string;
  /** In decimal, as in the facts. */
  readonly memberId: string;
  /** Of the member, for people. */
  readonly name: string;
  /** Addresses of all members that stay: they are asked, and counted. */
  readonly via: readonly string[];
}

/** Takes a member out of etcd, if those that stay are a majority of themselves at that moment. */
export const removeEtcdMember = defineStep<RemoveEtcdMemberParams>("remove-etcd-member", {
  title: ({ name }) => `remove ${name} from etcd`,

  async run(params, context) {
    const { memberId, name, via } = params;
    const list = { context, what: "list the members of etcd" };
    const members = await askMember(via, (etcd, signal) => etcd.members({ signal }), list);
    const leaving = members.find(({ id }) => id === memberId);
    if (leaving === undefined) return "unchanged";
    if (!leaving.isLearner) await refuseWithoutQuorum(params, members, context);
    await askMember(via, (etcd, signal) => etcd.remove(memberId, { signal }), {
      context,
      what: `remove ${name} from etcd`,
    });
    return "changed";
  },
});

async function refuseWithoutQuorum(
  { node, memberId, name, via }: RemoveEtcdMemberParams,
  members: readonly EtcdMember[],
  context: Context,
): Promise<void> {
  const voters = members.filter(({ id, isLearner }) => !isLearner && id !== memberId);
  const quorum = Math.floor(voters.length / 2) + 1;
  const healthy = await healthyMembers(via, context);
  const count = voters.filter(({ id }) => healthy.has(id)).length;
  if (voters.length > 0 && count >= quorum) return;
  throw new RkeError("unsafe", {
    doing: `remove ${name} from etcd`,
    node: context.nameOf(node),
    because:
      voters.length === 0
        ? "it is the only member that has a vote"
        : `${count} of the ${voters.length} members that would stay are healthy, and quorum is ${quorum}`,
    hint: "Repair the members that are not healthy first, or restore the cluster from an EtcdBackup",
  });
}

/** Ids of the members that serve, of those that can be asked. */
async function healthyMembers(via: readonly string[], context: Context): Promise<ReadonlySet<string>> {
  const { signal } = context;
  const ask = async (address: string) => {
    const etcd = context.etcd(address);
    const [{ healthy }, { memberId }] = await Promise.all([etcd.health({ signal }), etcd.status({ signal })]);
    return healthy ? memberId : undefined;
  };
  const ids = await Promise.all(via.map((address) => ask(address).catch(() => undefined)));
  signal.throwIfAborted();
  return new Set(ids.filter((id) => id !== undefined));
}
