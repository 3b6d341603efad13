import type { NodePlan } from "../../desired/node-plan.ts";
import type { ReachedNode } from "../../observed/facts.ts";
import { onEachMachine } from "../check.ts";

/** Finds programs that listen where the cluster's will. What the cluster itself runs may change places. */
export const portTaken = onEachMachine(({ plan, seen }) =>
  portsOf(plan).flatMap(({ port, container }) => {
    const listener = seen.machine.listening.find((one) => one.port === port);
    if (listener === undefined || isHeldByCluster(seen, port)) return [];
    const { program } = listener;
    return [
      {
        severity: "error",
        reason: `port ${port}, where ${container} will listen, is taken${program === "" ? "" : ` by ${program}`}`,
        hint: `Stop what listens there${program === "" ? ` (ss -ltnp "sport = :${port}" names it to root)` : ""}`,
      },
    ];
  }),
);

/** The ports of a machine's containers: those that others call, and those on which they tell how they are. */
function portsOf({ containers }: NodePlan): readonly { readonly port: number; readonly container: string }[] {
  return containers.flatMap(({ spec: { name }, healthCheckUrl }) => {
    const health = Number(/:(\d+)\//.exec(healthCheckUrl ?? "")?.[1] ?? 0);
    const ports = new Set([...(servingPorts[name] ?? []), ...(health > 0 ? [health] : [])]);
    return [...ports].map((port) => ({ port, container: name }));
  });
}

const servingPorts: Readonly<Partial<Record<string, readonly number[]>>> = {
  etcd: [2379, 2380],
  "kube-apiserver": [6443],
  "nginx-proxy": [6443],
  kubelet: [10250],
};

/** Ports on which components tell how they are, of all versions; the wanted one may not be the one that runs. */
const healthPorts: Readonly<Partial<Record<string, readonly number[]>>> = {
  "kube-controller-manager": [10252, 10257],
  "kube-scheduler": [10251, 10259],
  kubelet: [10248],
  "kube-proxy": [10249, 10256],
};

/** Containers that stand in for others while ports are tried. */
const listeners = /^(rke-(etcd|cp|worker)-port-listener|pulumi-rke-listener)$/;

function isHeldByCluster({ containers }: ReachedNode, port: number): boolean {
  return containers
    .filter(({ state }) => state === "running" || state === "restarting")
    .some(({ name }) => {
      // One that is being replaced has stood aside, and listens until its successor is ready to start.
      const component = name.replace(/^old-/, "");
      const ports = [...(servingPorts[component] ?? []), ...(healthPorts[component] ?? [])];
      return listeners.test(name) || ports.includes(port);
    });
}
