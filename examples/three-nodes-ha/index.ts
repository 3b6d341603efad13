import * as pulumi from "@pulumi/pulumi";
import { RkeCluster, RkeNode } from "pulumi-rke";

const config = new pulumi.Config();
const machines = config.requireObject<{ host: string; port?: number; address?: string }[]>("machines");

const nodes = machines.map(
  (machine, index) =>
    new RkeNode(`node-${index + 1}`, {
      ...machine,
      user: config.require("user"),
      privateKey: config.requireSecret("privateKey"),
      roles: ["etcd", "controlplane", "worker"],
    }),
);

const cluster = new RkeCluster("prod", { nodes, kubernetesVersion: "v1.31.4-rancher1-1" });

export const kubeconfig = cluster.kubeconfig;
