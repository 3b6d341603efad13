import { createRequire } from "node:module";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";

import type { EtcdBackupArgs } from "../../sdk/etcd-backup.ts";
import type { RkeClusterArgs } from "../../sdk/rke-cluster.ts";
import { login, nodeAddress, nodeName } from "./machines.ts";

export type Roles = readonly ("etcd" | "controlplane" | "worker")[];

export interface Wanted extends Omit<RkeClusterArgs, "nodes" | "identity"> {
  /** Roles of the machines of the lab, by their number. */
  readonly nodes: Readonly<Record<number, Roles>>;
  /** An `EtcdBackup` named "before". */
  readonly backup?: Omit<EtcdBackupArgs, "cluster">;
}

/** The compiled package, as a program finds it. */
const { EtcdBackup, RkeCluster, RkeNode } = createRequire(__filename)(
  "pulumi-rke",
) as typeof import("../../sdk/index.ts");

/** A program with an `RkeNode` for each machine, the cluster "lab" over them, and a snapshot of it where one is wanted. */
export function labProgram({ nodes, services, backup, ...settings }: Wanted): PulumiFn {
  const numbers = Object.keys(nodes).map(Number);
  return async () => {
    const resources = numbers.map(
      (index) =>
        new RkeNode(nodeName(index), {
          host: nodeAddress(index),
          ...login(),
          hostnameOverride: nodeName(index),
          roles: [...(nodes[index] ?? [])],
        }),
    );
    const cluster = new RkeCluster("lab", {
      network: { plugin: "flannel" },
      ingress: { provider: "none" },
      ...settings,
      services: { ...services, kubeproxy: { extraArgs: ownConntrack } },
      nodes: resources,
    });
    const { kubeconfig, planes, nodeStatus, rkeState } = cluster;
    if (backup === undefined) return { kubeconfig, planes, nodeStatus, rkeState };
    const { name, locations, totalKeys, sizeBytes } = new EtcdBackup("before", { ...backup, cluster });
    return { kubeconfig, planes, nodeStatus, rkeState, backup: { name, locations, totalKeys, sizeBytes } };
  };
}

/** The machines are containers of one kernel, whose table of connections is not theirs to size. */
export const ownConntrack = { "conntrack-max-per-core": "0", "conntrack-min": "0" };
