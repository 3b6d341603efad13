export type { ClusterArgs } from "../provider/config/schema/cluster.ts";
export type { NodeArgs, Role } from "../provider/config/schema/node.ts";
export { type ClusterYmlOptions, clusterYml } from "./cluster-yml.ts";
