import type { ClusterConfig } from "../../../provider/config/cluster-config.ts";
import { applyDefaults } from "../../../provider/config/defaults.ts";
import { type ClusterArgs, cluster } from "../../../provider/config/schema/cluster.ts";
import { defaultVersion, releaseOf } from "../../../provider/releases/index.ts";

/** The arguments with RKE's defaults for a release, unchecked. */
export const withDefaults = (args: ClusterArgs, version = defaultVersion): ClusterConfig =>
  applyDefaults(cluster.parse(args), releaseOf(version));
