import type { ClusterPlan } from "../desired/cluster-plan.ts";
import type { NodePlan } from "../desired/node-plan.ts";

/** A connection that one machine tried to open to another. Machines are named by their address. */
export interface PortTried {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly answer: "open" | "refused" | "no answer";
}

/** How long a machine's disk takes to write something down for good, where etcd's data will be. */
export interface FsyncMeasured {
  readonly node: string;
  readonly writeMs: number;
}

/** A connection that the cluster cannot do without. */
export interface Connection {
  readonly from: NodePlan;
  readonly to: NodePlan;
  readonly port: number;
  /** What listens there. */
  readonly service: "etcd" | "kube-apiserver" | "kubelet";
}

/** All connections between machines that their roles ask for. */
export function requiredConnections({ nodes }: ClusterPlan): readonly Connection[] {
  return nodes.flatMap((from) =>
    nodes
      .filter((to) => to !== from)
      .flatMap((to) => servicesFor(from, to).map(([service, port]) => ({ from, to, port, service }))),
  );
}

function servicesFor(
  { node: from }: NodePlan,
  { node: to }: NodePlan,
): readonly (readonly [Connection["service"], number])[] {
  const isEtcd = from.role.includes("etcd");
  const isControlPlane = from.role.includes("controlplane");
  return [
    ...(to.role.includes("etcd") && (isEtcd || isControlPlane) ? [["etcd", 2379] as const] : []),
    ...(to.role.includes("etcd") && isEtcd ? [["etcd", 2380] as const] : []),
    ...(to.role.includes("controlplane") ? [["kube-apiserver", 6443] as const] : []),
    ...(isControlPlane ? [["kubelet", 10250] as const] : []),
  ];
}
