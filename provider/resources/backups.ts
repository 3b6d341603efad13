import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import type { Backup } from "../state/cluster-state.ts";

interface BackupsOptions {
  readonly nameOf: (address: string) => string;
  /** Names of files in the bucket, where they are known. */
  readonly inBucket?: ReadonlySet<string> | undefined;
}

/** The newest snapshots that were seen on the machines that should have etcd. */
export function backupsOf(
  { nodes }: ClusterConfig,
  facts: ClusterFacts,
  { nameOf, inBucket = new Set() }: BackupsOptions,
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
        ...(inBucket.has(name) && { s3: true as const }),
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
