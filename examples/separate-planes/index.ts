import * as pulumi from "@pulumi/pulumi";
import { RkeCluster, RkeNode, type Role } from "pulumi-rke";

type Machine = { host: string; port?: number; address?: string };

const config = new pulumi.Config();
const login = { user: config.require("user"), privateKey: config.requireSecret("privateKey") };

const nodesFor = (plane: Role): RkeNode[] =>
  config
    .requireObject<Machine[]>(plane)
    .map((machine, index) => new RkeNode(`${plane}-${index + 1}`, { ...machine, ...login, roles: [plane] }));

const cluster = new RkeCluster("prod", {
  kubernetesVersion: "v1.31.4-rancher1-1",
  nodes: [...nodesFor("etcd"), ...nodesFor("controlplane"), ...nodesFor("worker")],
  upgradeStrategy: { maxUnavailableWorker: "25%", drain: true },
});

export const kubeconfig = cluster.kubeconfig;
