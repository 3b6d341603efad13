import type { YamlFinding } from "../config/cluster-yml.ts";
import { findingsText } from "./findings-text.ts";
import type { ExitCode, Io } from "./io.ts";
import { readCluster } from "./read-cluster.ts";
import type { Values } from "./run.ts";

/** `pulumi-rke validate`: says all that is wrong with a cluster.yml at once. */
export async function validate(file: string, { docker, strict, json }: Values, io: Io): Promise<ExitCode> {
  const { cluster, failures, warnings } = readCluster(file, { docker, strict }, io);
  if (json) {
    io.out(
      `${JSON.stringify({ valid: failures.length === 0, failures: failures.map(asJson), warnings: warnings.map(asJson) }, null, 2)}\n`,
    );
  } else {
    io.err(findingsText(file, { failures, warnings }));
  }
  if (failures.length > 0) return 1;
  if (!json && cluster !== undefined) {
    const { config } = cluster;
    const warned =
      warnings.length === 0 ? "" : `, ${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}`;
    io.out(
      `${file} is valid: ${config.nodes.length} ${config.nodes.length === 1 ? "node" : "nodes"}, Kubernetes ${config.kubernetesVersion}${warned}\n`,
    );
  }
  return 0;
}

const asJson = ({ yamlPath, reason, line, column }: YamlFinding): object => ({ path: yamlPath, reason, line, column });
