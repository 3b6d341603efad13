import * as pulumi from "@pulumi/pulumi";
import { RkeCluster, RkeNode } from "pulumi-rke";

import { Vm } from "./vm";

const config = new pulumi.Config();
const cloud = config.require("cloud");
const names = config.requireObject<string[]>("names");

const nodes = names.map((name) => {
  const { host, port, address } = new Vm(name, { cloud });
  return new RkeNode(name, {
    host,
    port,
    address,
    user: config.require("user"),
    privateKey: config.requireSecret("privateKey"),
    roles: ["etcd", "controlplane", "worker"],
  });
});

const cluster = new RkeCluster("prod", { nodes, kubernetesVersion: "v1.31.4-rancher1-1" });

export const kubeconfig = cluster.kubeconfig;
