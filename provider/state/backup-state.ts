import { z } from "zod";

import { RkeError } from "../errors.ts";

const location = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("node"),
    /** What the program calls the machine. */
    node: z.string(),
    address: z.string(),
    path: z.string(),
    sizeBytes: z.int(),
  }),
  z.strictObject({
    kind: z.literal("s3"),
    /** Absent for AWS. */
    endpoint: z.string().optional(),
    bucket: z.string(),
    key: z.string(),
    sizeBytes: z.int(),
  }),
  z.strictObject({ kind: z.literal("folder"), path: z.string(), sizeBytes: z.int() }),
]);

/** A copy of a snapshot: on a machine of the cluster, in a bucket, or in a folder of the machine that runs Pulumi. */
export type BackupLocation = z.output<typeof location>;

/** What a backup remembers beside its inputs. */
const backupState = z.object({
  name: z.string(),
  /** Copies that are there. */
  locations: z.array(location).readonly(),
  /** Copies that should be there, by their places. */
  expected: z.array(z.string()).readonly(),
  sizeBytes: z.int(),
  sha256: z.string(),
  revision: z.int(),
  totalKeys: z.int(),
  etcdVersion: z.string(),
  takenAt: z.string(),
  kubernetesVersion: z.string(),
});

export type BackupState = z.output<typeof backupState>;

/** Reads what a version of this package has once written into a stack. */
export function readBackupState(outputs: Readonly<Record<string, unknown>>): BackupState {
  const parsed = backupState.safeParse(outputs);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => z.core.toDotPath(path));
  throw new RkeError("state", {
    doing: "read the state of the backup",
    because: `it does not have the expected form at ${[...new Set(places)].join(", ")}`,
    hint: "Restore the stack from an older state: pulumi stack history shows what there is",
  });
}
