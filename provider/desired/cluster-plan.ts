import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Release } from "../releases/release.ts";
import { type AddonsPlan, planAddons } from "./addons/plan-addons.ts";
import { clusterContext } from "./cluster-context.ts";
import type { DockerFacts } from "./docker-facts.ts";
import type { EncryptionKey } from "./files/encryption.ts";
import { type NodePlan, planNode } from "./node-plan.ts";

/** What should be, for the whole cluster. */
export interface ClusterPlan {
  readonly config: ClusterConfig;
  readonly release: Release;
  /** In the order of the configuration. */
  readonly nodes: readonly NodePlan[];
  /** What is deployed into the cluster. */
  readonly addons: AddonsPlan;
}

export interface PlanOptions {
  /** What the engines of the nodes say, by the node's address; what is missing is assumed. */
  readonly docker?: (address: string) => DockerFacts | undefined;
  /** The keys for Secrets in etcd, newest first. */
  readonly encryptionKeys?: readonly EncryptionKey[];
  /** The texts of `addonsInclude`, by somebody who has read them. */
  readonly includes?: readonly string[] | undefined;
}

/** Plans every machine of a cluster, and what is deployed into it. Depends on its arguments only: same arguments, same plan. */
export function planCluster(
  config: ClusterConfig,
  release: Release,
  { docker, encryptionKeys = [], includes }: PlanOptions = {},
): ClusterPlan {
  const cluster = clusterContext(config, release, { encryptionKeys });
  return {
    config,
    release,
    nodes: config.nodes.map((node) => planNode(cluster, node, docker?.(node.address))),
    addons: planAddons(config, release, { includes }),
  };
}
