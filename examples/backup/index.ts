import * as pulumi from "@pulumi/pulumi";
import { EtcdBackup, RkeCluster, RkeNode } from "pulumi-rke";

type Bucket = { endpoint?: string; bucketName: string; accessKey: string };

const config = new pulumi.Config();

const node = new RkeNode("box", {
  ...config.requireObject<{ host: string; port?: number; address?: string }>("machine"),
  user: config.require("user"),
  privateKey: config.requireSecret("privateKey"),
  roles: ["etcd", "controlplane", "worker"],
});

const cluster = new RkeCluster("home", { kubernetesVersion: "v1.31.4-rancher1-1", nodes: [node] });

const { endpoint, bucketName, accessKey } = config.requireObject<Bucket>("s3");

const backup = new EtcdBackup("home-backup", {
  cluster,
  storage: {
    nodes: true,
    s3: { endpoint, bucketName, folder: "home", accessKey, secretKey: config.requireSecret("s3SecretKey") },
  },
  // The keys of the cluster go with it, so that the cluster can be built anew from this file and the passphrase.
  passphrase: config.requireSecret("passphrase"),
  // Another value takes another snapshot; the old one stays, since retain does not say "delete".
  triggers: [config.get("backupOf") ?? "the beginning"],
});

export const kubeconfig = cluster.kubeconfig;
export const snapshot = backup.name;
export const snapshotIn = backup.locations;
