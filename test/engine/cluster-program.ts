import { createRequire } from "node:module";
import { secret } from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";

import type { RkeClusterArgs } from "../../sdk/rke-cluster.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { Consumer } from "./consumer.ts";
import { loginOf, machineOf } from "./machines.ts";

export type Roles = readonly ("etcd" | "controlplane" | "worker")[];

export interface Wanted extends Omit<RkeClusterArgs, "nodes" | "identity"> {
  /** The machines of the fleet by name, in the order of the program. */
  readonly nodes: Readonly<Record<string, Roles>>;
}

/** The compiled package, as a program finds it. */
const { RkeCluster, RkeNode } = createRequire(__filename)("pulumi-rke") as typeof import("../../sdk/index.ts");

/** A program with an `RkeNode` for each machine, the cluster "prod" over them, and "app", which uses its kubeconfig. */
export function clusterProgram(fleet: Fleet, { nodes, ...settings }: Wanted): PulumiFn {
  const { user, privateKey } = loginOf(fleet);
  return async () => {
    const resources = Object.entries(nodes).map(([name, roles]) => {
      return new RkeNode(name, { ...machineOf(fleet, name), user, privateKey, hostnameOverride: name, roles });
    });
    const cluster = new RkeCluster("prod", {
      kubernetesVersion: "v1.31.4-rancher1-1",
      ...settings,
      nodes: resources,
    });
    new Consumer("app", cluster.kubeconfig);
    return {
      kubeconfig: cluster.kubeconfig,
      planes: cluster.planes,
      clusterId: cluster.clusterId,
      nodeStatus: cluster.nodeStatus,
      rkeState: secret(cluster.rkeState),
    };
  };
}
