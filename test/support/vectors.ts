import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(__dirname, "../vectors");

/** A cluster.yml and what RKE makes of it. */
export interface Vector {
  readonly name: string;
  readonly clusterYml: string;
  /** Facts of the nodes' engines by address; `default` stands for the others. */
  readonly docker: Readonly<Record<string, object>>;
}

// biome-ignore lint/suspicious/noExplicitAny: the form of these files is RKE's, and the comparisons say what they expect
export type Json = any;

export const vectorNames: readonly string[] = readdirSync(folder).sort();
export const validVectors: readonly string[] = vectorNames.filter((name) =>
  existsSync(join(folder, name, "plan.json")),
);
export const invalidVectors: readonly string[] = vectorNames.filter((name) =>
  existsSync(join(folder, name, "error.json")),
);

export function vector(name: string): Vector {
  return {
    name,
    clusterYml: readFileSync(join(folder, name, "cluster.yml"), "utf8"),
    docker: existsSync(join(folder, name, "docker.json")) ? json(name, "docker.json") : {},
  };
}

export const peerPlan = (name: string): Json => json(name, "plan.json");
export const peerCertificates = (name: string): Json => json(name, "certs.json");

function json(name: string, file: string): Json {
  return JSON.parse(readFileSync(join(folder, name, file), "utf8"));
}
