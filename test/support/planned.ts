import type { ClusterConfig } from "../../provider/config/cluster-config.ts";
import { readClusterYml } from "../../provider/config/cluster-yml.ts";
import { parseCluster } from "../../provider/config/parse.ts";
import { type ClusterPlan, planCluster } from "../../provider/desired/cluster-plan.ts";
import { assumedDockerFacts, type DockerFacts } from "../../provider/desired/docker-facts.ts";
import type { Release } from "../../provider/releases/release.ts";
import { mendedInputs } from "../golden/differences.ts";
import { vector } from "./vectors.ts";

/** Parses the text of a cluster.yml that must be right. */
export function configured(clusterYml: string): { config: ClusterConfig; release: Release } {
  const reading = readClusterYml(clusterYml);
  const parsed = parseCluster(reading.args);
  const failures = [...reading.failures, ...(parsed.ok ? [] : parsed.failures)];
  if (!parsed.ok || failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
  return parsed;
}

/** The plan of a cluster.yml that must be right. */
export function planned(
  clusterYml: string,
  { docker }: { docker?: (address: string) => DockerFacts | undefined } = {},
): ClusterPlan {
  const { config, release } = configured(clusterYml);
  return planCluster(config, release, docker === undefined ? {} : { docker });
}

/** The plan of one of the vectors, for the engines it names. */
export function plannedVector(name: string): ClusterPlan {
  const { clusterYml, docker } = vector(name);
  const text = mendedInputs[name]?.mend(clusterYml) ?? clusterYml;
  return planned(text, {
    docker: (address) => ({ ...assumedDockerFacts, ...docker.default, ...docker[address] }),
  });
}
