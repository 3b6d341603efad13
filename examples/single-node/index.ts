import * as pulumi from "@pulumi/pulumi";
import { RkeCluster } from "pulumi-rke";

const config = new pulumi.Config();

const cluster = new RkeCluster("home", {
  kubernetesVersion: "v1.31.4-rancher1-1",
  nodes: [
    {
      name: "box",
      ...config.requireObject<{ host: string; port?: number; address?: string }>("machine"),
      user: config.require("user"),
      privateKey: config.requireSecret("privateKey"),
      roles: ["etcd", "controlplane", "worker"],
    },
  ],
});

export const kubeconfig = cluster.kubeconfig;
