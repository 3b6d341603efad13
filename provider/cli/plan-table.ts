import type { ClusterPlan } from "../desired/cluster-plan.ts";
import type { NodePlan } from "../desired/node-plan.ts";
import { plural, table } from "./table.ts";

/** A cluster on one page: what it is, what each machine runs, and which images that takes. */
export function planTable(plan: ClusterPlan): string {
  return [headline(plan), addonsLine(plan), "", nodesTable(plan.nodes), imagesTable(plan.nodes)].join("\n");
}

function headline({ config, nodes }: ClusterPlan): string {
  const having = (role: "etcd" | "controlplane" | "worker") =>
    nodes.filter(({ node }) => node.role.includes(role)).length;
  const roles = [`${having("controlplane")} control plane`, `${having("etcd")} etcd`, `${having("worker")} worker`];
  return `Kubernetes ${config.kubernetesVersion} on ${plural(nodes.length, "node")} (${roles.join(", ")})`;
}

function addonsLine({ config: { network, dns, ingress, monitoring, services } }: ClusterPlan): string {
  return [
    `network ${network.plugin} ${services.kubeController.clusterCidr}`,
    `services ${services.kubeApi.serviceClusterIpRange}`,
    `DNS ${dns.provider} ${services.kubelet.clusterDnsServer}`,
    `ingress ${ingress.provider}`,
    `metrics ${monitoring.provider}`,
  ].join(", ");
}

/** Machines that are alike in all but name and address share a row when there are many. */
function nodesTable(nodes: readonly NodePlan[]): string {
  const rows = nodes.map((plan) => ({
    names: [nameOf(plan)],
    addresses: [plan.node.address],
    roles: plan.node.role.toSorted().join(" "),
    containers: plan.containers.map(({ spec }) => spec.name).join(" "),
  }));
  const shown = rows.length <= 12 ? rows : merged(rows);
  return table(
    ["NODE", "ADDRESS", "ROLES", "CONTAINERS"],
    shown.map(({ names, addresses, roles, containers }) => [summary(names), summary(addresses), roles, containers]),
  );
}

interface Row {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly roles: string;
  readonly containers: string;
}

function merged(rows: readonly Row[]): readonly Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(alike(row), [...(groups.get(alike(row)) ?? []), row]);
  return [...groups.values()].map((group) => ({
    ...(group[0] as Row),
    names: group.flatMap(({ names }) => names),
    addresses: group.flatMap(({ addresses }) => addresses),
  }));
}

const alike = ({ roles, containers }: Row): string => `${roles}|${containers}`;

const summary = (values: readonly string[]): string =>
  values.length === 1 ? (values[0] ?? "") : `${values[0]} … ${values.at(-1)} (${values.length})`;

const nameOf = ({ node }: NodePlan): string => node.hostnameOverride;

function imagesTable(nodes: readonly NodePlan[]): string {
  const users = new Map<string, Set<string>>();
  for (const { spec } of nodes.flatMap(({ containers }) => containers)) {
    users.set(spec.image, (users.get(spec.image) ?? new Set()).add(spec.name));
  }
  return table(
    ["IMAGE", "USED BY"],
    [...users].sort(([a], [b]) => (a < b ? -1 : 1)).map(([image, names]) => [image, [...names].join(" ")]),
  );
}
