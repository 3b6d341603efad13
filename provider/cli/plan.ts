import { type ClusterPlan, planCluster } from "../desired/cluster-plan.ts";
import { keyToCome } from "../desired/files/encryption.ts";
import { certificatesOn, type NodePlan } from "../desired/node-plan.ts";
import { pkiSubject } from "../desired/pki-subject.ts";
import { RkeError } from "../errors.ts";
import { issueBundle } from "../pki/bundle.ts";
import { describeBundle } from "../pki/describe.ts";
import { nativeKeys, randomSerials } from "../pki/openssl.ts";
import { metadataRkeVersion } from "../releases/index.ts";
import { certificatesTable } from "./certificates-table.ts";
import { factsOf } from "./docker-file.ts";
import { findingsText } from "./findings-text.ts";
import type { ExitCode, Io } from "./io.ts";
import { nodeText } from "./node-text.ts";
import { planJson } from "./plan-json.ts";
import { planTable } from "./plan-table.ts";
import { readCluster } from "./read-cluster.ts";
import type { Values } from "./run.ts";

/** `pulumi-rke plan`: shows what would run where, without asking any machine. */
export async function plan(file: string, { docker, strict, json, node, certs }: Values, io: Io): Promise<ExitCode> {
  const { cluster, failures, warnings, docker: given } = readCluster(file, { docker, strict }, io);
  io.err(findingsText(file, { failures, warnings }));
  if (cluster === undefined) return 1;
  const whole = planCluster(cluster.config, cluster.release, { docker: factsOf(given), encryptionKeys: [keyToCome] });
  const chosen = node === undefined ? whole : { ...whole, nodes: [nodeNamed(node, whole)] };
  if (certs) {
    io.out(await certificates(chosen, { json: json ?? false, now: io.now }));
    return 0;
  }
  const reasons = warnings.map(({ reason }) => reason);
  if (json) io.out(`${JSON.stringify(planJson(chosen, { warnings: reasons }), null, 1)}\n`);
  else if (node === undefined) io.out(planTable(whole));
  else io.out(chosen.nodes.map(nodeText).join("\n"));
  return 0;
}

async function certificates(
  { config, nodes }: ClusterPlan,
  { json, now }: { json: boolean; now: () => Date },
): Promise<string> {
  const { bundle } = await issueBundle(pkiSubject(config), {
    clock: now,
    serials: randomSerials(),
    keys: nativeKeys(),
  });
  const described = describeBundle(bundle);
  const shown = nodes.length === config.nodes.length ? described : onlyOn(nodes, described);
  if (json) return `${JSON.stringify({ rkeVersion: metadataRkeVersion, certificates: shown }, null, 1)}\n`;
  return certificatesTable(shown, nodes);
}

/** Leaves out the certificates that go to none of these machines. */
function onlyOn(nodes: readonly NodePlan[], described: Described): Described {
  const names = Object.keys(described);
  const here = new Set(nodes.flatMap((plan) => certificatesOn(plan, names)).map(({ name }) => name));
  return Object.fromEntries(Object.entries(described).filter(([name]) => here.has(name)));
}

type Described = ReturnType<typeof describeBundle>;

function nodeNamed(name: string, { nodes }: ClusterPlan): NodePlan {
  const found = nodes.find(({ node }) => [node.address, node.internalAddress, node.hostnameOverride].includes(name));
  if (found !== undefined) return found;
  throw new RkeError("config", {
    doing: `show the node "${name}"`,
    because: "no node has this address or hostname",
    hint: `There are ${listed(nodes.map(({ node }) => node.hostnameOverride))}`,
  });
}

/** The first names of a list that may be long. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}
