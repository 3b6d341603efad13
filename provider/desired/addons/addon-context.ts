import type { ClusterConfig } from "../../config/cluster-config.ts";

/** What the objects of an addon follow from. */
export interface AddonContext {
  readonly config: ClusterConfig;
  /** The name of the manifest that RKE would use; it tells the differences between releases. */
  readonly template: string;
  /** Without RBAC nobody needs rights, and no account is named. */
  readonly hasRbac: boolean;
}
