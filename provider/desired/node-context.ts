import { createHash } from "node:crypto";

import type { NodeConfig } from "../config/cluster-config.ts";
import type { ClusterContext } from "./cluster-context.ts";
import type { PlannedContainer } from "./container-spec.ts";
import { type ContainerSpec, containerNameLabel } from "./container-spec.ts";
import { type DockerFacts, isWindows, usesSelinux } from "./docker-facts.ts";
import { prefixed, prefixPathOf } from "./paths.ts";
import { registryOf } from "./registries.ts";

/** One node on the way to its plan. */
export interface NodeContext {
  readonly cluster: ClusterContext;
  readonly node: NodeConfig;
  readonly docker: DockerFacts;
  readonly prefixPath: string;
  readonly isWindows: boolean;
  /** A directory of RKE's on this machine. */
  readonly path: (path: string) => string;
}

export function nodeContext(cluster: ClusterContext, node: NodeConfig, docker: DockerFacts): NodeContext {
  const prefixPath = prefixPathOf(cluster.config, docker);
  const path = (below: string) => prefixed(prefixPath, below);
  return { cluster, node, docker, prefixPath, isWindows: isWindows(docker), path };
}

/** What a container has beyond its name, image and command; the same for all of RKE's containers. */
type Details = Omit<ContainerSpec, "labels" | "securityOpt" | "binds" | "env"> & {
  /** Mounts of RKE's, with the SELinux option `z` where RKE sets it. */
  readonly binds?: readonly string[];
  readonly extraBinds?: readonly string[] | undefined;
  readonly env?: readonly string[];
  readonly healthCheckUrl?: string | undefined;
  readonly starts?: boolean;
  /** RKE labels the containers of its node plan; the snapshot container is not one of them. */
  readonly isLabelled?: boolean;
};

/** Completes a container with what depends on the machine: mount options, SELinux labels, credentials. */
export function planContainer(context: NodeContext, details: Details): PlannedContainer {
  const { healthCheckUrl, starts = true, isLabelled = true, binds = [], extraBinds = [], env = [], ...spec } = details;
  const allBinds = distinct([...relabelled(context, binds), ...extraBinds]);
  const securityOpt = securityOptions(context, details);
  return {
    spec: {
      ...spec,
      ...(allBinds.length > 0 && { binds: allBinds }),
      ...(env.length > 0 && { env }),
      ...(securityOpt.length > 0 && { securityOpt }),
      ...(isLabelled && { labels: { [containerNameLabel]: spec.name } }),
    },
    ...(healthCheckUrl !== undefined && !context.isWindows && { healthCheckUrl }),
    usesRegistryCredentials: registryOf(spec.image, context.cluster.registries) !== undefined,
    starts,
  };
}

/** Trims, drops what is empty, and keeps the first of what appears twice, as RKE does with most of its lists. */
export const distinct = (values: readonly string[]): readonly string[] => [
  ...new Set(values.map((value) => value.trim()).filter((value) => value !== "")),
];

/** The checksum by which a container notices that a file it reads has changed. */
export function fileChecksum({ release }: ClusterContext, text: string): string {
  return createHash(release.fileChecksum).update(text).digest("hex");
}

/** From Kubernetes 1.22 on the machine's policy labels RKE's directories; Docker must not relabel them. */
function relabelled({ cluster: { release } }: NodeContext, binds: readonly string[]): readonly string[] {
  return release.stripsRelabelOption ? binds.map((bind) => bind.replace(/,z(?=,|$)|:z$/g, "")) : binds;
}

/** Labels for SELinux machines. Privileged containers are not confined and get none. */
function securityOptions(
  { docker, cluster: { release } }: NodeContext,
  { name, privileged, volumesFrom = [] }: Details,
): readonly string[] {
  if (!usesSelinux(docker) || privileged) return [];
  const sharesSidekick = name === sidekickName || volumesFrom.includes(sidekickName);
  return [
    ...(sharesSidekick ? ["label=level:s0:c1000,c1001"] : []),
    ...(release.labelsSelinuxType ? ["label=type:rke_container_t"] : []),
  ];
}

export const sidekickName = "service-sidekick";
