import { RkeError } from "../errors.ts";
import { defaultVersion, releaseForUnknown, releaseOf } from "../releases/index.ts";
import type { Release } from "../releases/release.ts";
import type { ParsedCluster } from "./schema/cluster.ts";

/**
 * The release a cluster asks for. A version that the metadata do not know is possible when the person brings the images;
 * whether those are all there is for the rules to say.
 */
export function releaseOfConfig({ kubernetesVersion, systemImages }: ParsedCluster): Release {
  const wanted = kubernetesVersion || defaultVersion;
  try {
    return releaseOf(wanted);
  } catch (error) {
    if (!(error instanceof RkeError) || !systemImages?.kubernetes) throw error;
    return releaseForUnknown(wanted);
  }
}
