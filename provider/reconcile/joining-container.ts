import { clusterContext } from "../desired/cluster-context.ts";
import { specHash } from "../desired/container-spec.ts";
import { nodeContext } from "../desired/node-context.ts";
import type { NodeContainer, NodePlan } from "../desired/node-plan.ts";
import { etcdMemberName, etcd as plannedEtcd } from "../desired/services/etcd.ts";
import type { World } from "./runbook.ts";

interface ListedMember {
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/**
 * The etcd container of a member that comes into a cluster that is there. At its first start it compares the list that it
 * is given with that of the cluster, by their peer URLs, and stops when they differ: so the list is that of the moment at
 * which it joins, with those that are still to leave. Later starts do not read it, and the hash leaves it out.
 */
export function joiningContainer(
  { desired: { config, release } }: World,
  plan: NodePlan,
  { members }: { members: readonly ListedMember[] },
): NodeContainer {
  const context = nodeContext(clusterContext(config, release), plan.node, plan.docker);
  const planned = plannedEtcd(context, { state: "existing" });
  const own = etcdMemberName(plan.node);
  const list = `${flag}${initialCluster(members, { own, ownUrl: `https://${plan.node.internalAddress}:2380` })}`;
  const cmd = planned.spec.cmd?.map((word) => (word.startsWith(flag) ? list : word));
  const spec = { ...planned.spec, ...(cmd && { cmd }) };
  return { ...planned, spec, hash: specHash(spec) };
}

const flag = "--initial-cluster=";

/** Of the names only the own one counts, but no two may be the same: etcd would take them for one member. */
function initialCluster(members: readonly ListedMember[], { own, ownUrl }: { own: string; ownUrl: string }): string {
  const taken = new Set([own]);
  return members
    .map(({ name, peerUrls }, index) => {
      if (peerUrls.includes(ownUrl)) return peerUrls.map((url) => `${own}=${url}`).join(",");
      const unique = name === "" || taken.has(name) ? `member-${index + 1}` : name;
      taken.add(unique);
      return peerUrls.map((url) => `${unique}=${url}`).join(",");
    })
    .join(",");
}
