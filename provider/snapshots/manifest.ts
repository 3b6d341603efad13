import { z } from "zod";

/** What is known of a snapshot, written into its archive when it is taken. Archives of `rke` have none. */
export const snapshotManifest = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  /** ISO 8601. */
  takenAt: z.string(),
  /** Whose it is: the id of the identity. */
  clusterId: z.string(),
  clusterName: z.string(),
  kubernetesVersion: z.string(),
  etcdVersion: z.string(),
  /** Of etcd when the snapshot was taken: what came later is not in it. */
  revision: z.int(),
  totalKeys: z.int(),
  database: z.strictObject({ sizeBytes: z.int(), sha256: z.string() }),
  /** Whether what rebuilds the cluster goes with it: certificates, keys and configuration, in the form of `cluster.rkestate`. */
  state: z.enum(["encrypted", "plain", "none"]),
});

export type SnapshotManifest = z.output<typeof snapshotManifest>;

/** Where `rke` keeps snapshots on a machine; never below the machine's prefix. */
export const snapshotFolder = "/opt/rke/etcd-snapshots";
