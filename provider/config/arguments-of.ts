import { RkeError } from "../errors.ts";
import { readClusterYml, type YamlFinding } from "./cluster-yml.ts";
import { type ClusterArgs, cluster } from "./schema/cluster.ts";

/** Reads a cluster.yml into arguments that fit the schema; the rules across settings are for whoever uses them. */
export function argumentsOf(
  text: string,
  { strict }: { strict: boolean },
): { readonly args: ClusterArgs; readonly warnings: readonly string[] } {
  const reading = readClusterYml(text);
  const isFailure = ({ kind }: YamlFinding) => strict && kind === "unknown-key";
  const failures = [...reading.failures, ...reading.warnings.filter(isFailure)];
  const parsed = cluster.safeParse(reading.args);
  if (failures.length > 0 || !parsed.success) {
    throw new RkeError("config", {
      doing: "read the cluster.yml",
      because: failures.map(inLine).join("\n") || "it is not what a cluster.yml holds",
    });
  }
  return { args: parsed.data, warnings: reading.warnings.filter((warning) => !isFailure(warning)).map(inLine) };
}

const inLine = ({ line, yamlPath, reason }: YamlFinding): string =>
  [line === undefined ? undefined : `line ${line}`, yamlPath || undefined, reason].filter(Boolean).join(": ");
