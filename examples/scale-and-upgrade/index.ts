import * as pulumi from "@pulumi/pulumi";
import { RkeCluster, RkeNode } from "pulumi-rke";

type Machine = { host: string; port?: number; address?: string };

const config = new pulumi.Config();
const login = { user: config.require("user"), privateKey: config.requireSecret("privateKey") };

const controlPlane = new RkeNode("control", {
  ...config.requireObject<Machine>("control"),
  ...login,
  roles: ["etcd", "controlplane"],
});

// A map rather than a list: taking "web-2" out of the configuration concerns web-2 and nobody else.
const workers = Object.entries(config.requireObject<Record<string, Machine>>("workers")).map(
  ([name, machine]) => new RkeNode(name, { ...machine, ...login, roles: ["worker"] }),
);

const cluster = new RkeCluster("prod", {
  kubernetesVersion: config.require("kubernetesVersion"),
  nodes: [controlPlane, ...workers],
});

export const kubeconfig = cluster.kubeconfig;
