import * as k8s from "@pulumi/kubernetes";
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

const provider = new k8s.Provider("home", cluster.kubernetesProviderArgs());
const namespace = new k8s.core.v1.Namespace("apps", { metadata: { name: "apps" } }, { provider });

export const kubeconfig = cluster.kubeconfig;
export const apps = namespace.metadata.name;
