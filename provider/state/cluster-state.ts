import { z } from "zod";

import { RkeError } from "../errors.ts";
import { clusterFacts } from "../observed/facts.ts";
import { migrated } from "./migrate.ts";
import { unpacked } from "./packed-text.ts";

/** What runs on each plane, in words. */
export interface Planes {
  readonly etcd: string;
  readonly controlplane: string;
  readonly worker: string;
  readonly addons: string;
}

/** What was last seen of a node. */
export interface NodeStatus {
  readonly status: "ready" | "not ready" | "unreachable" | "not in the cluster";
  /** Version of the kubelet. */
  readonly kubelet?: string;
  /** Why it cannot be reached. */
  readonly because?: string;
}

/** A snapshot that was last seen on a machine with etcd, whoever has taken it. */
export interface Backup {
  /** As a restore is asked for it: the name of the file without `.zip`. */
  readonly name: string;
  /** The machine, by its name in the program. */
  readonly node: string;
  readonly sizeBytes: number;
  /** When the file was written, by the clock of the machine. */
  readonly takenAt: string;
  /** There is an archive of that name in the bucket of the recurring snapshots; absent, too, where nobody could look. */
  readonly s3?: true;
}
const restored = z.strictObject({
  /** Of the snapshot. */
  name: z.string(),
  /** Of the database in it. */
  sha256: z.string(),
  /** When it took the place of what was there. ISO 8601. */
  at: z.string(),
});

/** The snapshot that was restored last. */
export type Restored = z.output<typeof restored>;

const formerNode = z.strictObject({
  /** What the program called it. */
  name: z.string().optional(),
  address: z.string(),
  internalAddress: z.string(),
  hostnameOverride: z.string(),
  role: z.array(z.enum(["etcd", "controlplane", "worker"])),
  labels: z.record(z.string(), z.string()).optional(),
  taints: z
    .array(z.strictObject({ key: z.string().optional(), value: z.string().optional(), effect: z.string().optional() }))
    .optional(),
});

/** What a cluster remembers beside its inputs. Other names of the state are for people and are never read back. */
const clusterState = z.object({
  stateVersion: z.number(),
  /** The certificates in the words of `cluster.rkestate`, as JSON. */
  certificates: z.string(),
  /** Keys for Secrets in etcd that were taken over from `rke`; without them the key follows from the CA. */
  encryptionKeys: z.array(z.strictObject({ name: z.string(), secret: z.string() })).optional(),
  /** What the last look has seen, packed; absent when the first run failed before it could look. */
  facts: z.preprocess(unpacked, clusterFacts.optional()),
  /** The nodes as they were last applied, packed; absent for a cluster that was never finished. */
  applied: z.preprocess(unpacked, z.array(formerNode).optional()),
  /** Nodes that a run has begun to work on and did not finish. */
  attempted: z.array(formerNode),
  /** The snapshot that was restored last, as long as the program asks for it. */
  restored: restored.optional(),
  /** How each node that may hold something of ours is reached, by address; packed. */
  ways: z.preprocess(unpacked, z.record(z.string(), z.record(z.string(), z.unknown()))),
});

export type ClusterState = z.output<typeof clusterState>;

/** Reads what a version of this package has once written into a stack. */
export function readClusterState(outputs: Readonly<Record<string, unknown>>): ClusterState {
  const parsed = clusterState.safeParse(migrated(outputs));
  if (parsed.success) return parsed.data;
  // The message would repeat values, and keys lie beside what is wrong.
  const places = parsed.error.issues.map(({ path }) => z.core.toDotPath(path));
  throw unreadable(
    `it does not have the expected form at ${[...new Set(places)].join(", ")}`,
    "Restore the stack from an older state: pulumi stack history shows what there is",
  );
}

const unreadable = (because: string, hint: string): RkeError =>
  new RkeError("state", { doing: "read the state of the cluster", because, hint });
