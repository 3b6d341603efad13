import type { ClusterConfig } from "../../../provider/config/cluster-config.ts";
import { parseCluster } from "../../../provider/config/parse.ts";
import { type ClusterContext, clusterContext } from "../../../provider/desired/cluster-context.ts";
import { type ClusterPlan, planCluster } from "../../../provider/desired/cluster-plan.ts";
import type { PlannedContainer } from "../../../provider/desired/container-spec.ts";
import { assumedDockerFacts, type DockerFacts } from "../../../provider/desired/docker-facts.ts";
import { type NodeContext, nodeContext } from "../../../provider/desired/node-context.ts";
import type { NodeContainer } from "../../../provider/desired/node-plan.ts";
import type { Release } from "../../../provider/releases/release.ts";
import { aNode, someArgs } from "../../support/findings.ts";

/** Machines that hold one role each, and a second worker. */
export const separatedNodes = [
  aNode({ address: "10.0.0.1", role: ["etcd"] }),
  aNode({ address: "10.0.0.2", role: ["controlplane"] }),
  aNode({ address: "10.0.0.3", role: ["worker"] }),
  aNode({ address: "10.0.0.4", role: ["worker"] }),
];

export const selinux: Partial<DockerFacts> = { securityOptions: ["name=seccomp,profile=builtin", "name=selinux"] };
export const windows: Partial<DockerFacts> = { osType: "windows", operatingSystem: "Windows Server 2019" };

/** The smallest cluster that is right, with some changes, on Kubernetes v1.32.6. */
export function aCluster(changes: object = {}): { config: ClusterConfig; release: Release } {
  const parsed = parseCluster(someArgs({ kubernetesVersion: "v1.32.6-rancher1-1", ...changes }));
  if (!parsed.ok) throw new Error(parsed.failures.map(({ path, reason }) => `${path.join(".")}: ${reason}`).join("\n"));
  return parsed;
}

export function aClusterContext(changes: object = {}): ClusterContext {
  const { config, release } = aCluster(changes);
  return clusterContext(config, release);
}

/** One machine of a cluster on the way to its plan: the first, unless another is named. */
export function aNodeContext(
  changes: object = {},
  { node = 0, docker = {} }: { node?: number; docker?: Partial<DockerFacts> } = {},
): NodeContext {
  const cluster = aClusterContext(changes);
  const chosen = cluster.config.nodes[node];
  if (chosen === undefined) throw new Error(`There is no node ${node}`);
  return nodeContext(cluster, chosen, { ...assumedDockerFacts, ...docker });
}

export function aPlan(changes: object = {}, { docker }: { docker?: Partial<DockerFacts> } = {}): ClusterPlan {
  const { config, release } = aCluster(changes);
  return planCluster(config, release, { docker: () => ({ ...assumedDockerFacts, ...docker }) });
}

/** A container of a plan, by the address of its machine. */
export function containerOf(plan: ClusterPlan, address: string, name: string): NodeContainer {
  const found = plan.nodes
    .find(({ node }) => node.address === address)
    ?.containers.find(({ spec }) => spec.name === name);
  if (found === undefined) throw new Error(`There is no ${name} on ${address}`);
  return found;
}

/** Hashes of all containers of a plan, by machine and name. */
export const hashesOf = ({ nodes }: ClusterPlan): Readonly<Record<string, string>> =>
  Object.fromEntries(
    nodes.flatMap(({ node, containers }) =>
      containers.map(({ spec, hash }) => [`${node.address} ${spec.name}`, hash] as const),
    ),
  );

/** The flags of a container, by name. Of one that is given twice, the last. */
export const flagsOf = ({ spec }: PlannedContainer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...(spec.entrypoint ?? []), ...(spec.cmd ?? [])]
      .filter((word) => word.startsWith("--"))
      .map((word) => [word.slice(2, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );

/** The variables of a container, by name. */
export const envOf = ({ spec }: PlannedContainer): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (spec.env ?? []).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
