import type * as pulumi from "@pulumi/pulumi";

import type { S3StorageArgs } from "./etcd-backup.ts";

/** A snapshot to make etcd's data of. It is restored once; taking it out of the program afterwards removes the old data. */
export interface RestoreArgs {
  /** Name of the snapshot, without `.zip`; or what has one, such as outputs of an `EtcdBackup` of another stack. */
  readonly from: pulumi.Input<string> | RestoredSnapshot;
  /**
   * The name once more: everything that was written to the cluster after the snapshot will be lost. As long as this names
   * another one, or none, the preview refuses.
   */
  readonly confirm: pulumi.Input<string>;
  /** Where the snapshot is: one place. Default: the S3 of `services.etcd.backupConfig`, then the machines with etcd. */
  readonly storage?: pulumi.Input<RestoreStorageArgs>;
  /** Opens the state that lies in the archive, for a look at whose it is. */
  readonly passphrase?: pulumi.Input<string>;
}

export interface RestoredSnapshot {
  readonly name: pulumi.Input<string>;
  /** For the preview. */
  readonly takenAt?: pulumi.Input<string>;
  /** For the preview. */
  readonly revision?: pulumi.Input<number>;
}

export interface RestoreStorageArgs {
  /** A folder of the machine that runs Pulumi, with archives or plain databases. */
  readonly folder?: pulumi.Input<string>;
  readonly s3?: pulumi.Input<S3StorageArgs>;
  /** The machines with etcd, in `/opt/rke/etcd-snapshots`. */
  readonly nodes?: pulumi.Input<true>;
}
