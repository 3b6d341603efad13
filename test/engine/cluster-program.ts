import { createRequire } from "node:module";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";

import type { RkeClusterArgs } from "../../sdk/rke-cluster.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { Consumer } from "./consumer.ts";
import { loginOf, type MachineInput, machineOf } from "./machines.ts";

export type Roles = readonly ("etcd" | "controlplane" | "worker")[];

export interface Wanted extends Omit<RkeClusterArgs, "nodes" | "identity"> {
  /** The machines of the fleet by name, in the order of the program. */
  readonly nodes: Readonly<Record<string, Roles>>;
  readonly protect?: boolean;
}

/** The compiled package, as a program finds it. */
const { RkeCluster, RkeNode } = createRequire(__filename)("pulumi-rke") as typeof import("../../sdk/index.ts");

export interface NodeInputs extends MachineInput {
  readonly user: string;
  readonly privateKey: string;
  readonly hostnameOverride: string;
  readonly roles: Roles;
}

type Settings = Omit<Wanted, "nodes">;

/** A program with an `RkeNode` for each machine, the cluster "prod" over them, and "app", which uses its kubeconfig. */
export function clusterProgram(fleet: Fleet, { nodes, ...settings }: Wanted): PulumiFn {
  const login = loginOf(fleet);
  const inputs = Object.entries(nodes).map(([name, roles]): [string, NodeInputs] => {
    return [name, { ...machineOf(fleet, name), ...login, hostnameOverride: name, roles }];
  });
  return clusterOn(Object.fromEntries(inputs), settings);
}

/** The same program for machines that are told by their inputs. */
export function clusterOn(
  nodes: Readonly<Record<string, NodeInputs>>,
  { protect = false, ...settings }: Settings = {},
): PulumiFn {
  return async () => {
    const args = {
      kubernetesVersion: "v1.31.4-rancher1-1",
      ...settings,
      nodes: Object.entries(nodes).map(([name, inputs]) => new RkeNode(name, inputs)),
    };
    const cluster = new RkeCluster("prod", args, { protect });
    new Consumer("app", cluster.kubeconfig);
    return {
      kubeconfig: cluster.kubeconfig,
      planes: cluster.planes,
      clusterId: cluster.clusterId,
      nodeStatus: cluster.nodeStatus,
      rkeState: cluster.rkeState,
    };
  };
}
