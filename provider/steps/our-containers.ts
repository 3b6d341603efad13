/** The label of containers that we make for a moment, with what they are for. */
export const helperLabel = "pulumi-rke.helper";

/** Names of containers that exist for the length of a step. One that is left over is of a run that was killed. */
export const helperNames = {
  /** Created and never started: the way to the files of a machine. */
  files: "pulumi-rke-files",
  listener: "pulumi-rke-listener",
  portChecker: "pulumi-rke-port-checker",
  fileRemover: "pulumi-rke-file-remover",
  etcdDirectory: "pulumi-rke-etcd-directory",
  fsync: "pulumi-rke-fsync",
  cleaner: "pulumi-rke-cleaner",
  snapshot: "pulumi-rke-snapshot",
  snapshotFiles: "pulumi-rke-snapshot-files",
  restore: "pulumi-rke-restore",
} as const;

export type HelperName = (typeof helperNames)[keyof typeof helperNames];
