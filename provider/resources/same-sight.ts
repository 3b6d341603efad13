import type { ClusterFacts } from "../observed/facts.ts";
import { isSame } from "./properties.ts";

/**
 * Whether two looks have seen the same, but for what is never the same twice: a refresh of a cluster at rest must not
 * show a change.
 */
export const sameSight = (before: ClusterFacts | undefined, after: ClusterFacts): boolean =>
  before !== undefined && isSame(lasting(before), lasting(after));

function lasting({ nodes, etcd, kube }: ClusterFacts): unknown {
  return {
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([address, node]) => {
        if (node.status === "unreachable") return [address, { status: node.status, code: node.code }];
        // New snapshots are no change of the cluster; the output that lists them is compared by itself.
        const { machine, snapshots, ...rest } = node;
        const { clockOffsetMs, disks, addresses, listening, memoryBytes, swapBytes, ...steady } = machine;
        return [address, { ...rest, machine: steady }];
      }),
    ),
    etcd: etcd && {
      ...etcd,
      members: etcd.members.map(({ lag, dbSizeBytes, isLeader, ...steady }) => steady),
    },
    kube: kube && { ...kube, nodes: kube.nodes.map(({ annotations, ...steady }) => steady) },
  };
}
