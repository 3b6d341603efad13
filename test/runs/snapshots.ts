import { createHash } from "node:crypto";
import { Readable } from "node:stream";

import type { Bundle } from "../../provider/pki/bundle.ts";
import { toRkeState } from "../../provider/pki/rke-state.ts";
import { clusterIdOf } from "../../provider/resources/identity-bundle.ts";
import type { FetchedSnapshot } from "../../provider/resources/operation.ts";
import type { WantedRestore } from "../../provider/resources/restore-input.ts";
import { snapshotFor } from "../../provider/resources/restore-source.ts";
import type { CheckedSnapshot } from "../../provider/snapshots/checked-snapshot.ts";
import type { EtcdCluster } from "../fleet/etcd-cluster.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { takeSnapshot } from "../fleet/snapshot.ts";
import { zipped } from "../fleet/zip.ts";
import type { Cluster, Restore } from "./cluster.ts";
import { configOf } from "./operation-on.ts";

/** The etcd that serves now. */
export function servingEtcd({ world }: Fleet): EtcdCluster {
  const found = [...world.etcdClusters.values()].filter((cluster) => cluster.hasQuorum);
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} etcd clusters serve`);
  return only;
}

/** A snapshot of the etcd that serves, as it is once it was fetched and checked. */
export function snapshotOf(fleet: Fleet, name: string): CheckedSnapshot {
  const cluster = servingEtcd(fleet);
  const content = takeSnapshot(cluster);
  return {
    name,
    sha256: createHash("sha256").update(content).digest("hex"),
    databaseBytes: content.length,
    revision: cluster.revision,
    totalKeys: cluster.store.size,
    database: () => Readable.from([content]),
  };
}

const keyOf = (name: string): string => `/registry/configmaps/default/${name}`;

/** Writes an object of somebody's. */
export function put(fleet: Fleet, name: string): void {
  const metadata = { name, namespace: "default" };
  servingEtcd(fleet).put(keyOf(name), { apiVersion: "v1", kind: "ConfigMap", metadata });
}

export function remove(fleet: Fleet, name: string): void {
  servingEtcd(fleet).delete(keyOf(name));
}

/** Which of somebody's objects are there. */
export function objectsIn(fleet: Fleet): Readonly<Record<string, boolean>> {
  const { store } = servingEtcd(fleet);
  return Object.fromEntries(["kept", "late"].map((name) => [name, store.has(keyOf(name))]));
}

/** One that need not be given back. */
export const fetched = (snapshot: CheckedSnapshot): FetchedSnapshot => ({ snapshot, close: async () => undefined });

/** What lies in an archive of the tools of `rke`: the database, and the state of the cluster as `rke` knew it. */
export function archiveOfRke(fleet: Fleet, name: string, certificates?: Bundle): Buffer {
  const entries = new Map([[`/backup/${name}`, takeSnapshot(servingEtcd(fleet))]]);
  if (certificates !== undefined) {
    const state = { currentState: { certificatesBundle: toRkeState(certificates).unwrap() } };
    entries.set(`/etc/kubernetes/${name}.rkestate`, Buffer.from(JSON.stringify(state)));
  }
  return zipped(entries);
}

/** A restore as a program asks for it: the snapshot is fetched from where it lies. */
export async function asked(
  cluster: Cluster,
  restore: Partial<WantedRestore> & Pick<WantedRestore, "name">,
  args: object,
): Promise<Restore> {
  const { config } = configOf(args);
  const clusterId = clusterIdOf(await cluster.certificates());
  const wanted = { restore: { storage: undefined, passphrase: undefined, ...restore }, config, inputs: { clusterId } };
  const snapshot = snapshotFor({ ...wanted, encryptionKeys: [], former: cluster.applied.former });
  if (snapshot === undefined) throw new Error("Nothing is asked for");
  return { order: { name: restore.name, isDone: false }, snapshot };
}
