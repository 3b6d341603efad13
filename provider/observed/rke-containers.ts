import type { ContainerInfo } from "dockerode";

import { isOfCluster, nameOf } from "../steps/cluster-containers.ts";

/** Containers of RKE's that stay: the sidekick is only created, and yet it is one of them. */
export const longRunning: ReadonlySet<string> = new Set([
  "etcd",
  "etcd-rolling-snapshots",
  "service-sidekick",
  "nginx-proxy",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
]);

/** Whether a container belongs to the cluster's machinery, rather than to its pods or to somebody else. */
export function isRkes(container: Pick<ContainerInfo, "Names" | "Labels">): boolean {
  // What is replaced waits under this name until its successor runs.
  const name = nameOf(container).replace(/^old-/, "");
  return longRunning.has(name) || name.startsWith("pulumi-rke-") || isOfCluster(container);
}

/** Containers in which the machine's /etc/kubernetes is to be found, those that are there the longest first. */
export const containersWithFiles = [
  "kubelet",
  "kube-proxy",
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "etcd-rolling-snapshots",
  "pulumi-rke-files",
] as const;
