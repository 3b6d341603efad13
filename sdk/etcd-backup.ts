import * as pulumi from "@pulumi/pulumi";

import type { BackupLocation } from "../provider/state/backup-state.ts";
import { engineCall, given, hidden } from "./inputs.ts";
import { refuseUnsupported } from "./refusals.ts";
import type { RkeCluster } from "./rke-cluster.ts";
import { ShellResource } from "./shell.ts";
import { splitSecrets } from "./split-secrets.ts";

export type { BackupLocation } from "../provider/state/backup-state.ts";

export interface EtcdBackupArgs {
  /** The cluster, of the same stack. */
  readonly cluster: RkeCluster;
  /** Where the snapshot is kept: one place or several. On the machines alone it is lost with them, and a preview says so. */
  readonly storage: pulumi.Input<BackupStorageArgs>;
  /**
   * What the snapshot is called; its file is that with `.zip`. Default: the name of the resource and the time at which it is
   * taken. A name is given away once: who has `triggers` leaves it out, or lets it change with them.
   */
  readonly snapshotName?: pulumi.Input<string> | undefined;
  /** Values of any kind. When one changes, a new snapshot is taken, and then the old one goes as `retain` says. */
  readonly triggers?: pulumi.Input<readonly pulumi.Input<unknown>[]> | undefined;
  /**
   * What becomes of the snapshot when the resource goes, or takes a new one: `keep` leaves it wherever it is, `delete` deletes
   * exactly the files that it made. Default: keep.
   */
  readonly retain?: pulumi.Input<"delete" | "keep"> | undefined;
  /**
   * Whether the certificates, the keys and the configuration of the cluster go with the snapshot; without them it is of use
   * only as long as the stack's state is there. `encrypted` wants a `passphrase`; `plain` is what `rke` can restore, and
   * whoever reads the file has the cluster. Default: `encrypted` where there is a passphrase, else `none`.
   */
  readonly state?: pulumi.Input<"encrypted" | "plain" | "none"> | undefined;
  /** Encrypts the state that goes with the snapshot. A new one counts from the next snapshot on. */
  readonly passphrase?: pulumi.Input<string> | undefined;
  /** How long each operation may take, as `90m`. Default: 60m, 60m and 10m. */
  readonly timeouts?:
    | pulumi.Input<{ readonly create?: string; readonly update?: string; readonly delete?: string }>
    | undefined;
}

/** Places that keep a snapshot. */
export interface BackupStorageArgs {
  /** The machines with etcd, in `/opt/rke/etcd-snapshots`, where `rke` keeps its own. */
  readonly nodes?: pulumi.Input<boolean> | undefined;
  /** A bucket of S3, or of anything that speaks like it. */
  readonly s3?: pulumi.Input<S3StorageArgs> | undefined;
  /** A folder of the machine that runs Pulumi, made where there is none; what is relative starts at the project. */
  readonly folder?: pulumi.Input<string> | undefined;
}

export interface S3StorageArgs {
  /** The bucket. It must exist. */
  readonly bucketName: pulumi.Input<string>;
  /** Where S3 is, as `minio.example.com:9000`. Default: AWS. Without a scheme it is https. */
  readonly endpoint?: pulumi.Input<string> | undefined;
  /** Default: us-east-1. */
  readonly region?: pulumi.Input<string> | undefined;
  /** A folder in the bucket. */
  readonly folder?: pulumi.Input<string> | undefined;
  /** Default: what AWS's own tools would find: the environment, a profile, the role of the machine that runs Pulumi. */
  readonly accessKey?: pulumi.Input<string> | undefined;
  readonly secretKey?: pulumi.Input<string> | undefined;
  /** For credentials that are good for a while only. */
  readonly sessionToken?: pulumi.Input<string> | undefined;
  /** Certificate of the CA that has signed that of the endpoint, PEM. */
  readonly customCa?: pulumi.Input<string> | undefined;
  /** Whether the bucket stands in the path and not before the name of the server. Default: yes, where there is an `endpoint`. */
  readonly pathStyle?: pulumi.Input<boolean> | undefined;
}

/**
 * One snapshot of a cluster's etcd: taken from a healthy member, checked from the first page to the last, and stored where it
 * outlives the cluster. It is taken after everything that the same run does to the cluster.
 */
export class EtcdBackup extends ShellResource {
  /** What the snapshot is called: its files have this name, and `.zip`. */
  declare readonly name: pulumi.Output<string>;
  /** Where it is. A copy that was found missing is not in it until the next `pulumi up` brings it back. */
  declare readonly locations: pulumi.Output<readonly BackupLocation[]>;
  /** Size of the file, compressed as it is. */
  declare readonly sizeBytes: pulumi.Output<number>;
  /** SHA-256 of the file, in hexadecimal. */
  declare readonly sha256: pulumi.Output<string>;
  /** Of etcd, when it was taken: what came later is not in it. */
  declare readonly revision: pulumi.Output<number>;
  /** How many keys etcd's own tool has counted in it. */
  declare readonly totalKeys: pulumi.Output<number>;
  /** Version of the member that it was taken from. */
  declare readonly etcdVersion: pulumi.Output<string>;
  /** A date as ISO 8601 writes it. */
  declare readonly takenAt: pulumi.Output<string>;
  declare readonly kubernetesVersion: pulumi.Output<string>;
  /** Whose it is: it can be restored into a cluster with this identity only. */
  declare readonly clusterId: pulumi.Output<string>;
  /** In which form the cluster's keys and configuration go with it. */
  declare readonly state: pulumi.Output<"encrypted" | "plain" | "none">;

  constructor(name: string, args: EtcdBackupArgs, opts?: pulumi.CustomResourceOptions) {
    refuseUnsupported("EtcdBackup", name, opts);
    const { cluster, storage, passphrase, snapshotName, triggers, retain, timeouts } = args;
    const state = args.state ?? (passphrase === undefined ? "none" : "encrypted");
    const { plain, secrets } = splitSecrets({ storage, passphrase }, secretPaths);
    const inputs = {
      ...plain,
      resourceName: name,
      snapshotName,
      triggers,
      retain,
      state,
      timeouts,
      secrets: hidden(secrets),
      clusterId: cluster.clusterId,
      access: hidden(accessTo(cluster)),
      ...(state !== "none" && { rkeState: hidden(cluster.rkeState) }),
    };
    super(
      { kind: "backup", type: "EtcdBackup" },
      name,
      { ...outputs(), ...given(inputs), ...engineCall("EtcdBackup", name, opts) },
      pulumi.mergeOptions({ additionalSecretOutputs: ["secrets", "access", "rkeState"] }, opts),
    );
  }
}

/** Where the arguments are secret. */
const secretPaths = ["storage.s3.secretKey", "storage.s3.sessionToken", "passphrase"];

/** Pulumi asks for every output by its name; new on each call, since it writes into what it is given. */
const outputs = () => ({
  name: undefined,
  locations: undefined,
  sizeBytes: undefined,
  sha256: undefined,
  revision: undefined,
  totalKeys: undefined,
  etcdVersion: undefined,
  takenAt: undefined,
  kubernetesVersion: undefined,
  expected: undefined,
});

/** How the etcd of the cluster is reached, and what opens it. Not known in a preview that changes the cluster. */
function accessTo(cluster: RkeCluster): pulumi.Output<string> {
  const { clusterId, release, rkeState, ways, applied, facts } = cluster as unknown as Readonly<
    Record<string, pulumi.Output<unknown>>
  >;
  return pulumi.all({ clusterId, release, rkeState, ways, applied, facts }).apply((outputs) => {
    // Loaded only here: a program without a backup does not pay for it.
    const { accessText } =
      require("../provider/resources/backup-access.js") as typeof import("../provider/resources/backup-access.ts");
    return accessText(outputs);
  });
}
