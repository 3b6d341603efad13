import { acceptsDocker } from "../../releases/accepts-docker.ts";
import type { Release } from "../../releases/release.ts";
import type { Finding } from "../finding.ts";
import { quoted } from "../quoted.ts";

/** What was seen of the Docker engine of one node. */
interface DockerFact {
  /** Place of the node in `nodes`. */
  readonly index: number;
  /** Name and address of the node. */
  readonly node: string;
  /** As the engine says it: `27.5.1`. */
  readonly serverVersion: string;
}

/** The nodes whose Docker engine was not tested with the release. RKE stops at them unless it is told not to look. */
export function checkDocker(
  facts: readonly DockerFact[],
  release: Release,
  { ignoreDockerVersion }: { readonly ignoreDockerVersion: boolean },
): readonly Finding[] {
  if (ignoreDockerVersion) return [];
  return facts
    .filter(({ serverVersion }) => !acceptsDocker(release, serverVersion))
    .map(({ index, node, serverVersion }) => ({
      path: ["nodes", index],
      reason: `Docker ${quoted(serverVersion)} on ${node} was not tested with Kubernetes ${release.kubernetesVersion}: ${release.dockerVersions.join(", ")} were. Set ignoreDockerVersion to use it`,
    }));
}
