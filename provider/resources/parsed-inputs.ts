import type { ClusterConfig } from "../config/cluster-config.ts";
import type { Path } from "../config/finding.ts";
import { type Parsed, parseCluster } from "../config/parse.ts";
import { unknownValue } from "../config/unknowns.ts";
import { RkeError } from "../errors.ts";
import { clusterArgs, programPath } from "./cluster-inputs.ts";
import type { Properties } from "./handler.ts";
import { serverHost } from "./identity-bundle.ts";
import { isMap, mapAt, textAt } from "./properties.ts";

export type ParsedInputs = Extract<Parsed, { ok: true }>;

/** The configuration that registered inputs stand for. The name of a server of its own goes into the certificates. */
export function parseInputs(inputs: Properties): Parsed {
  const args = clusterArgs(inputs);
  const server = textAt(inputs, "server");
  const nodes = args.nodes as readonly Properties[];
  const isNode = server === undefined || nodes.some(({ address }) => address === server || address === unknownValue);
  if (isNode) return parseCluster(args);
  const authentication = mapAt(args, "authentication");
  const { sans = [] } = authentication;
  const host = serverHost(server);
  const isNamed = !Array.isArray(sans) || sans.includes(host);
  return parseCluster({ ...args, authentication: { ...authentication, sans: isNamed ? sans : [...sans, host] } });
}

/** The same for inputs that have passed `check`. */
export function parsedInputs(inputs: Properties): ParsedInputs {
  const parsed = parseInputs(inputs);
  if (parsed.ok) return parsed;
  const lines = parsed.failures.map(({ path, reason }) => `\n  ${programPath(path, inputs)}: ${reason}`);
  throw new RkeError("config", { doing: "use the arguments of the cluster", because: lines.join("") });
}

/** Places that are not known yet and that decide what is to be done. How one gets into a machine decides nothing. */
export const openPlaces = ({ unknown }: ParsedInputs): readonly Path[] =>
  unknown.filter(([first, , key]) => !(first === "nodes" && ["sshKey", "sshCert", "sshKeyPath"].includes(String(key))));

/** What people call the machines: their names in the program. */
export function nameByAddress(config: ClusterConfig, names: readonly string[]): (address: string) => string {
  const known = new Map(config.nodes.map(({ address }, index) => [address, names[index] ?? address]));
  return (address) => known.get(address) ?? address;
}

/** Everything secret in a value, for taking it out of texts. */
export const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === "string") return value.length >= 8 && value !== unknownValue ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isMap(value) ? Object.values(value).flatMap(textsIn) : [];
};
