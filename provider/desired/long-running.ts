/** The names of RKE's containers that stay: the sidekick is only created, and yet it is one of them. */
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
