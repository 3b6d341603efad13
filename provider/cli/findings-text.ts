import type { YamlFinding } from "../config/cluster-yml.ts";

/** Findings as a compiler prints them, one to a line (`cluster.yml:12:3: error: …`), so that editors can jump to them. */
export function findingsText(
  file: string,
  { failures, warnings }: { failures: readonly YamlFinding[]; warnings: readonly YamlFinding[] },
): string {
  const line = (severity: string) => (finding: YamlFinding) =>
    `${place(file, finding)}: ${severity}: ${sentence(finding)}\n`;
  return [...failures.map(line("error")), ...warnings.map(line("warning"))].join("");
}

function place(file: string, { line, column }: YamlFinding): string {
  return [file, line, line === undefined ? undefined : column].filter((part) => part !== undefined).join(":");
}

function sentence({ yamlPath, reason }: YamlFinding): string {
  return yamlPath === "" ? reason : `${yamlPath}: ${reason}`;
}
