import { createHash } from "node:crypto";

import type { EtcdCluster, KeyValue } from "./etcd-cluster.ts";
import { holds, writeData } from "./etcd-data.ts";
import { clusterIdOf, freshCluster, type MemberOptions, memberIdOf } from "./etcd-member.ts";
import type { Process } from "./programs.ts";

interface Snapshot {
  readonly fleetSnapshot: 1;
  readonly revision: number;
  readonly store: readonly (readonly [string, KeyValue])[];
}

/** All keys of a cluster as bytes. A real snapshot is a bbolt file; this one is JSON, and only the fleet can restore it. */
export function takeSnapshot({ revision, store }: EtcdCluster): Buffer {
  return Buffer.from(JSON.stringify({ fleetSnapshot: 1, revision, store: [...store] } satisfies Snapshot));
}

/** Does `etcdctl snapshot restore`: a data directory of a new cluster. Members restored from the same bytes find each other. */
export function restoreSnapshot(
  process: Process,
  content: Buffer,
  options: Pick<MemberOptions, "name" | "dataDir" | "initialCluster" | "token">,
): void {
  const { world } = process.machine;
  const { revision, store } = JSON.parse(content.toString("utf8")) as Snapshot;
  const id = clusterIdOf(options);
  const lineage = `${id} restored ${createHash("sha256").update(content).digest("hex")}`;
  const known = world.etcdClusters.get(lineage);
  const isAlive = known !== undefined && [...known.holders.values()].some((holds) => holds());
  if (!isAlive) {
    const cluster = freshCluster(process, options, id);
    for (const [key, value] of store) cluster.store.set(key, value);
    cluster.revision = revision;
    world.etcdClusters.set(lineage, cluster);
  }
  const memberId = memberIdOf(options.initialCluster.get(options.name) ?? [], options.token);
  writeData(process.files, options.dataDir, { lineage, memberId: String(memberId), name: options.name });
  world.etcdClusters.get(lineage)?.holders.set(memberId, () => holds(process.files, options.dataDir, lineage));
}
