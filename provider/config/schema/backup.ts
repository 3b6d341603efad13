import { z } from "zod";

import { named, secret } from "./naming.ts";
import { count, flag, text } from "./values.ts";

const s3BackupConfig = z.strictObject({
  accessKey: text(),
  secretKey: secret(text()),
  bucketName: text(),
  region: text(),
  endpoint: text(),
  /** CA certificate of the endpoint, as PEM text. */
  customCa: text(),
  folder: text(),
});

export const backupConfig = z.strictObject({
  /** Recurring snapshots on or off. Default: on. (RKE reads `services.etcd.snapshot` only.) */
  enabled: flag(),
  /** Hours between snapshots, counted from the start of the container. Default: 12. */
  intervalHours: count(),
  /**
   * When snapshots are taken, in place of `intervalHours`: a cron expression of five fields, in UTC, such as `0 3 * * *`.
   * Not known to RKE, which ignores it. Its archives hold the database alone, and no keys of the cluster.
   */
  schedule: named(text(), { own: true }),
  /** How many snapshots are kept. Default: 6. */
  retention: count(),
  /** Store snapshots in S3 as well. In cluster.yml the key is `s3backupconfig`. */
  s3BackupConfig: named(s3BackupConfig.optional(), { yaml: "s3backupconfig" }),
  /** Use names without colons. Has an effect with `schedule` only: RKE leaves it to Rancher. */
  safeTimestamp: flag(),
  /** Seconds a snapshot of a `schedule` may take, or a restore. Default: 300. */
  timeout: count(),
});

export const restore = z.strictObject({
  /** In RKE a request to restore. Here it stays false: see `restore` of `RkeCluster`. */
  restore: flag(),
  /** The snapshot that RKE would restore. */
  snapshotName: text(),
});
