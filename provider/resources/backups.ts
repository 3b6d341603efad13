import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import type { Backup } from "../state/cluster-state.ts";

/** The newest snapshots that were seen on the machines that should have etcd. */
export function backupsOf(
  { nodes }: ClusterConfig,
  facts: ClusterFacts,
  nameOf: (address: string) => string,
): readonly Backup[] {
  return nodes
    .filter(({ role }) => role.includes("etcd"))
    .flatMap(({ address }) => {
      const seen = facts.nodes[address];
      const files = seen?.status === "reached" ? (seen.snapshots ?? []) : [];
      return files.map(({ name, sizeBytes, writtenAtMs }) => ({
        name: name.replace(/\.zip$/, ""),
        node: nameOf(address),
        sizeBytes,
        takenAt: new Date(writtenAtMs).toISOString(),
      }));
    })
    .toSorted(newestFirst)
    .slice(0, MOST);
}

/** A state is no archive: what is older can be found on the machines. */
const MOST = 50;

/** Of two from the same second the order must not depend on who has answered first. */
const newestFirst = (a: Backup, b: Backup): number =>
  b.takenAt.localeCompare(a.takenAt) || a.name.localeCompare(b.name) || a.node.localeCompare(b.node);
