import { createHash } from "node:crypto";
import { etcdDataDir } from "../../provider/desired/services/etcd.ts";
import type { EtcdCluster, KeyValue } from "./etcd-cluster.ts";
import { holds, readData, writeData } from "./etcd-data.ts";
import { clusterIdOf, freshCluster, type MemberOptions, memberIdOf } from "./etcd-member.ts";
import type { Process } from "./programs.ts";

interface Snapshot {
  readonly fleetSnapshot: 1;
  readonly revision: number;
  readonly store: readonly (readonly [string, KeyValue])[];
}

/**
 * All keys of a cluster as bytes. A real snapshot is a bbolt file; this one is JSON, and only the fleet can restore it. Like
 * a real one it is a number of pages, with the checksum of them at the end.
 */
export function takeSnapshot({ revision, store }: EtcdCluster): Buffer {
  const text = JSON.stringify({ fleetSnapshot: 1, revision, store: [...store] } satisfies Snapshot);
  const size = Math.ceil(Buffer.byteLength(text) / PAGE) * PAGE;
  const pages = Buffer.alloc(size, " ");
  pages.write(text);
  return Buffer.concat([pages, sha256(pages)]);
}

/** The keys of a snapshot; throws in the words of etcd's tool when it is not whole. */
export function readSnapshot(content: Buffer): Snapshot {
  const pages = content.subarray(0, -CHECKSUM);
  if (content.length % PAGE !== CHECKSUM) throw new Error("snapshot missing hash but --skip-hash-check=false");
  const found = content.subarray(-CHECKSUM);
  if (!sha256(pages).equals(found)) {
    throw new Error(`expected sha256 [${[...found].join(" ")}], got [${[...sha256(pages)].join(" ")}]`);
  }
  return JSON.parse(pages.toString("utf8")) as Snapshot;
}

const PAGE = 512;
const CHECKSUM = 32;

const sha256 = (content: Buffer): Buffer => createHash("sha256").update(content).digest();

/** A machine that lives on this snapshot already begins from it anew; others follow the one that was the last to begin. */
function lineageFor({ files, machine: { world } }: Process, first: string): string {
  const known = [...world.etcdClusters.keys()].filter((name) => name === first || name.startsWith(`${first} again`));
  const latest = known.at(-1) ?? first;
  const isAgain = readData(files, etcdDataDir)?.lineage === latest;
  return isAgain ? `${first} again ${known.length}` : latest;
}

/** Does `etcdctl snapshot restore`: a data directory of a new cluster. Members restored from the same bytes find each other. */
export function restoreSnapshot(
  process: Process,
  content: Buffer,
  options: Pick<MemberOptions, "name" | "dataDir" | "initialCluster" | "token">,
): void {
  const { world } = process.machine;
  const { revision, store } = readSnapshot(content);
  const id = clusterIdOf(options);
  const lineage = lineageFor(process, `${id} restored ${createHash("sha256").update(content).digest("hex")}`);
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
