import { certificatesOn, type NodePlan } from "../desired/node-plan.ts";
import type { CertificateDescription } from "../pki/describe.ts";
import { table } from "./table.ts";

/** The certificates of a cluster: whose they are, who signs them, what for, and where they go. */
export function certificatesTable(
  described: Readonly<Record<string, CertificateDescription>>,
  nodes: readonly NodePlan[],
): string {
  const places = placesOf(Object.keys(described), nodes);
  return table(
    ["CERTIFICATE", "SUBJECT", "SIGNED BY", "USE", "ON", "NAMES"],
    Object.values(described).map(({ name, certificate }) => [
      name,
      [`CN=${certificate.subjectCN}`, ...(certificate.subjectO ?? []).map((organization) => `O=${organization}`)].join(
        ", ",
      ),
      certificate.selfSigned ? "itself" : certificate.issuerCN,
      certificate.isCA ? "CA" : certificate.extKeyUsage.map((usage) => usage.replace("Auth", "")).join(" "),
      placeText(places.get(name) ?? [], nodes.length),
      namesText([...certificate.ipAddresses, ...certificate.dnsNames]),
    ]),
  );
}

function placesOf(names: readonly string[], nodes: readonly NodePlan[]): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const plan of nodes) {
    for (const { name } of certificatesOn(plan, names)) {
      places.set(name, [...(places.get(name) ?? []), plan.node.hostnameOverride]);
    }
  }
  return places;
}

function placeText(places: readonly string[], all: number): string {
  if (places.length === 0) return "no node";
  if (places.length === all && all > 1) return "every node";
  return places.length > 3 ? `${places.length} nodes` : places.join(" ");
}

const namesText = (names: readonly string[]): string =>
  names.length > 12 ? `${names.slice(0, 11).join(" ")} and ${names.length - 11} more` : names.join(" ");
