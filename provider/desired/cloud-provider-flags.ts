import type { Flags } from "../releases/release.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { fileChecksum } from "./node-context.ts";
import { cloudConfigPath } from "./paths.ts";

/** The provider as components know it: `external-aws` is a matter of RKE's, to Kubernetes it is `external`. */
export function cloudProviderFlags({ config: { cloudProvider } }: ClusterContext, path = cloudConfigPath): Flags {
  const name = cloudProvider.name ?? "";
  return {
    "cloud-provider": name === "external-aws" ? "external" : name,
    ...(name !== "" && { "cloud-config": path }),
  };
}

/** Makes a component notice a change of the cloud configuration. */
export function cloudConfigEnv(cluster: ClusterContext): readonly string[] {
  const { cloudConfig } = cluster.files;
  return cloudConfig === undefined ? [] : [`RKE_CLOUD_CONFIG_CHECKSUM=${fileChecksum(cluster, cloudConfig)}`];
}

/** Whether the name of the node comes from EC2 metadata for a component that supports it for these providers. */
export function takesNameFromMetadata(
  { config: { cloudProvider } }: ClusterContext,
  providers: readonly string[],
): boolean {
  return providers.includes(cloudProvider.name ?? "") && cloudProvider.useInstanceMetadataHostname === true;
}
