import type { NodeConfig } from "../config/cluster-config.ts";

/** A taint of a Node object. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What the Node object of a machine should carry; what others have put there stays. */
export interface NodeObject {
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of roles that the node does not have. */
  readonly labelsToDelete: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

export function nodeObject(node: NodeConfig): NodeObject {
  const held = roles.filter((role) => node.role.includes(role));
  return {
    labels: { ...Object.fromEntries(held.map((role) => [roleLabel(role), "true"])), ...node.labels },
    labelsToDelete: roles.filter((role) => !node.role.includes(role)).map(roleLabel),
    annotations: {
      "rke.cattle.io/external-ip": node.address,
      "rke.cattle.io/internal-ip": node.internalAddress,
    },
    taints: [...roleTaints(node), ...userTaints(node)].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1)),
  };
}

/** Whether a taint is one that RKE sets by role, and a person cannot. */
export const isReservedTaint = ({ key, effect }: { key?: string | undefined; effect?: string | undefined }): boolean =>
  reservedTaints.some((taint) => taint.key === key && taint.effect === effect);

const roles = ["controlplane", "etcd", "worker"] as const;

const roleLabel = (role: string): string => `node-role.kubernetes.io/${role}`;

const etcdTaint: Taint = { key: roleLabel("etcd"), value: "true", effect: "NoExecute" };
const controlPlaneTaint: Taint = { key: roleLabel("controlplane"), value: "true", effect: "NoSchedule" };
const reservedTaints = [etcdTaint, controlPlaneTaint];

/** Keeps ordinary pods off nodes that are no workers. */
function roleTaints({ role }: NodeConfig): readonly Taint[] {
  if (role.includes("worker")) return [];
  return [...(role.includes("etcd") ? [etcdTaint] : []), ...(role.includes("controlplane") ? [controlPlaneTaint] : [])];
}

/** Of two taints with the same key and effect the first counts; reserved ones do not. */
function userTaints({ taints = [] }: NodeConfig): readonly Taint[] {
  const byName = new Map<string, Taint>();
  for (const { key = "", value = "", effect = "" } of taints) {
    const name = `${key}:${effect}`;
    if (!byName.has(name) && !isReservedTaint({ key, effect })) byName.set(name, { key, value, effect });
  }
  return [...byName.values()];
}

const sortKey = ({ effect, key, value }: Taint): string => [effect, key, value].join("\0");
