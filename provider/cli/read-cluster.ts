import type { ClusterConfig } from "../config/cluster-config.ts";
import { readClusterYml, type YamlFinding } from "../config/cluster-yml.ts";
import type { Finding } from "../config/finding.ts";
import { parseCluster } from "../config/parse.ts";
import { checkDocker } from "../config/rules/docker.ts";
import type { Release } from "../releases/release.ts";
import { type GivenDockerFacts, readDockerFacts } from "./docker-file.ts";
import type { Io } from "./io.ts";
import { readText } from "./read-text.ts";

export interface ReadCluster {
  /** Absent when there are failures. */
  readonly cluster?: { readonly config: ClusterConfig; readonly release: Release };
  readonly failures: readonly YamlFinding[];
  readonly warnings: readonly YamlFinding[];
  readonly docker: GivenDockerFacts;
}

/** Reads and checks a cluster.yml, with what is known of the nodes' engines. Throws only when a file cannot be read. */
export function readCluster(
  file: string,
  { docker: dockerFile, strict = false }: { docker?: string | undefined; strict?: boolean | undefined },
  io: Pick<Io, "read">,
): ReadCluster {
  const docker = dockerFile === undefined ? {} : readDockerFacts(dockerFile, io);
  const reading = readClusterYml(readText(file, io));
  const parsed = parseCluster(reading.args);
  const located = (finding: Finding) => reading.locate(finding);
  const engines = parsed.ok ? engineFailures(parsed, docker).map(located) : [];
  const isFailure = ({ kind }: YamlFinding) => strict && kind === "unknown-key";
  const failures = [
    ...reading.failures,
    ...reading.warnings.filter(isFailure),
    ...(parsed.ok ? engines : parsed.failures.map(located)),
  ];
  return {
    ...(parsed.ok && failures.length === 0 && { cluster: parsed }),
    failures: byLine(failures),
    warnings: byLine([...reading.warnings.filter((warning) => !isFailure(warning)), ...parsed.warnings.map(located)]),
    docker,
  };
}

function engineFailures(
  { config, release }: { config: ClusterConfig; release: Release },
  docker: GivenDockerFacts,
): readonly Finding[] {
  const facts = config.nodes.flatMap(({ address, hostnameOverride }, index) => {
    const serverVersion = docker[address]?.serverVersion ?? docker.default?.serverVersion;
    const node = hostnameOverride === address ? address : `${hostnameOverride} (${address})`;
    return serverVersion === undefined ? [] : [{ index, node, serverVersion }];
  });
  return checkDocker(facts, release, { ignoreDockerVersion: config.ignoreDockerVersion ?? false });
}

const byLine = (findings: readonly YamlFinding[]): readonly YamlFinding[] =>
  findings.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
