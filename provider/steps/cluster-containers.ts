import type { ContainerInfo } from "dockerode";

import { containerNameLabel, specHashLabel } from "../desired/container-spec.ts";
import { longRunning } from "../desired/long-running.ts";
import { lockName } from "../execute/lock-record.ts";
import { helperLabel } from "./our-containers.ts";

/** Without Docker's slash. A container has further names where others link to it. */
export const nameOf = ({ Names }: Pick<ContainerInfo, "Names">): string =>
  Names.map((name) => name.replace(/^\//, "")).find((name) => !name.includes("/")) ?? "";

/**
 * Whether a container is part of a cluster's machinery and nobody else's. RKE labels all that stays, so that a name as
 * plain as `etcd` alone proves nothing; the names of what RKE starts for a moment are its own. The lock of a run is no
 * part: it is released by whoever holds it.
 */
export function isOfCluster(container: Pick<ContainerInfo, "Names" | "Labels">): boolean {
  const name = nameOf(container);
  const labels = container.Labels ?? {};
  if (name === lockName) return false;
  return [containerNameLabel, specHashLabel, helperLabel].some((label) => label in labels) || rkesOwn.has(name);
}

/** Containers of pods, and those that hold their networks, as the kubelet names and labels them. */
export const isOfPod = (container: Pick<ContainerInfo, "Names" | "Labels">): boolean =>
  nameOf(container).startsWith("k8s_") && "io.kubernetes.pod.uid" in (container.Labels ?? {});

/** Whether a container belongs to the cluster's machinery by its name, rather than to its pods or to somebody else. */
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

/** Names that nobody but RKE gives. The snapshots are among them: RKE does not label them. */
const rkesOwn: ReadonlySet<string> = new Set([
  "etcd-rolling-snapshots",
  "rke-etcd-port-listener",
  "rke-cp-port-listener",
  "rke-worker-port-listener",
  "rke-port-checker",
  "rke-selinux-checker",
  "cert-deployer",
  "cert-fetcher",
  "file-deployer",
  "cluster-state-deployer",
  "rke-log-linker",
  "rke-log-cleaner",
  "kube-cleaner",
  "etcd-fix-perm",
  "rke-bundle-cert",
  "etcd-snapshot-once",
  "etcd-remove-snapshot",
  "etcd-restore",
  "etcd-download-backup",
  "etcd-Serve-backup",
  "etcd-checksum-checker",
  "etcd-extract-statefile",
  "extract-statefile-configmap",
]);
