export type { ClusterArgs } from "../provider/config/schema/cluster.ts";
export type { NodeArgs, Role } from "../provider/config/schema/node.ts";
export type { NodeStatus, Planes, Restored } from "../provider/state/cluster-state.ts";
export type { NodeFactsOutput } from "../provider/state/node-state.ts";
export { type ClusterYmlOptions, clusterYml } from "./cluster-yml.ts";
export type { ConnectionArgs, ProxyArgs } from "./connection-args.ts";
export {
  type BackupLocation,
  type BackupStorageArgs,
  EtcdBackup,
  type EtcdBackupArgs,
  type S3StorageArgs,
} from "./etcd-backup.ts";
export type { RestoreArgs, RestoredSnapshot, RestoreStorageArgs } from "./restore-args.ts";
export { type InlineNode, RkeCluster, type RkeClusterArgs } from "./rke-cluster.ts";
export {
  type AdoptArgs,
  type CustomCa,
  RkeIdentity,
  type RkeIdentityArgs,
  type RkeIdentityState,
} from "./rke-identity.ts";
export { type MachineArgs, RkeNode, type RkeNodeArgs, type TaintArgs } from "./rke-node.ts";
