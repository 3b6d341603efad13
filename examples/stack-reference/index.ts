import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

// The stack that made the cluster: it exports `kubeconfig` and `clusterId` of its RkeCluster.
const platform = new pulumi.StackReference(config.require("platform"));
const kubeconfig = platform.requireOutput("kubeconfig") as pulumi.Output<string>;
const clusterIdentifier = platform.requireOutput("clusterId") as pulumi.Output<string>;

const provider = new k8s.Provider("platform", { kubeconfig, clusterIdentifier });
const namespace = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } }, { provider });

export const shop = namespace.metadata.name;
