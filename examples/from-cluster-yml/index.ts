import { readFileSync } from "node:fs";

import * as pulumi from "@pulumi/pulumi";
import { clusterYml, RkeCluster } from "pulumi-rke";

const config = new pulumi.Config();
const { nodes = [], ...settings } = clusterYml(readFileSync(config.require("file"), "utf8"));

const cluster = new RkeCluster("prod", {
  ...settings,
  nodes: nodes.map((node) => ({ ...node, sshKey: config.requireSecret("privateKey") })),
});

export const kubeconfig = cluster.kubeconfig;
export const rkeState = cluster.rkeState;
