import type { ClusterConfig } from "../config/cluster-config.ts";
import { stateForm } from "../config/rke-form.ts";
import { type EncryptionKey, encryptionFile } from "../desired/files/encryption.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import type { Bundle } from "../pki/bundle.ts";
import { expiries } from "../pki/describe.ts";
import { toRkeState } from "../pki/rke-state.ts";
import type { FormerNode } from "../reconcile/runbook.ts";
import type { ClusterState, NodeStatus, Restored } from "../state/cluster-state.ts";
import { stateVersion } from "../state/migrate.ts";
import { packed } from "../state/packed-text.ts";
import { backupsOf } from "./backups.ts";
import { nodeNames } from "./cluster-inputs.ts";
import type { Properties } from "./handler.ts";
import { identityText } from "./identity-bundle.ts";
import { nameByAddress } from "./parsed-inputs.ts";
import { storable } from "./properties.ts";

export interface ClusterOutcome {
  readonly inputs: Properties;
  readonly config: ClusterConfig;
  readonly certificates: Bundle;
  readonly encryptionKeys: readonly EncryptionKey[];
  readonly adoptedKeys: readonly EncryptionKey[];
  readonly facts: ClusterFacts | undefined;
  readonly inBucket?: Sight["inBucket"];
  readonly applied: readonly FormerNode[] | undefined;
  readonly attempted: readonly FormerNode[];
  readonly ways: ClusterState["ways"];
  readonly restored?: Restored | undefined;
}

/** What goes into the state of a cluster: its inputs, what it has to remember, and what people want to know. */
export function clusterOuts({ inputs, config, certificates, facts, ...rest }: ClusterOutcome): Properties {
  const { inBucket, applied, attempted, ways, encryptionKeys, adoptedKeys, restored } = rest;
  return storable({
    ...inputs,
    endpoints: endpointsOf(config),
    ...(facts !== undefined && seenOuts(config, inputs, { facts, inBucket })),
    certificateExpiry: Object.fromEntries(
      expiries(certificates).map(({ name, notAfter }) => [name, notAfter.toISOString()]),
    ),
    rkeState: rkeStateOf(config, certificates, { encryptionKeys }),
    stateVersion,
    certificates: identityText(certificates),
    ...(adoptedKeys.length > 0 && { encryptionKeys: adoptedKeys }),
    facts: facts && packed(facts),
    applied: applied && packed(applied),
    attempted,
    restored,
    ways: packed(ways),
  });
}

/** What can be said of a cluster that another stack looks after. */
export const foreignOuts = ({
  inputs,
  config,
  ...sight
}: Pick<ClusterOutcome, "inputs" | "config"> & Sight): Properties =>
  storable({ ...inputs, endpoints: endpointsOf(config), ...seenOuts(config, inputs, sight) });

/** The outputs that follow from what was seen last. */
export const seenOuts = (config: ClusterConfig, inputs: Properties, { facts, inBucket }: Sight) => ({
  nodeStatus: nodeStatusOf(config, inputs, facts),
  backups: backupsOf(config, facts, { nameOf: nameByAddress(config, nodeNames(inputs)), inBucket }),
});

/** What a look has shown: at the machines, and at the bucket of their snapshots where somebody could look there. */
export interface Sight {
  readonly facts: ClusterFacts;
  readonly inBucket?: ReadonlySet<string> | undefined;
}

/** What later runs have to know about nodes that may be gone from the program by then. */
export function namedNodes({ nodes }: ClusterConfig, inputs: Properties): readonly NamedNode[] {
  const names = nodeNames(inputs);
  return nodes.map(({ address, internalAddress, hostnameOverride, role, labels, taints }, index) => {
    const name = names[index] ?? address;
    return { name, address, internalAddress, hostnameOverride, role, labels, taints };
  });
}

/** A node with the name that the program gave it; states of earlier versions have none. */
export type NamedNode = FormerNode & { readonly name?: string | undefined };

const endpointsOf = ({ nodes }: ClusterConfig): readonly string[] =>
  nodes
    .filter(({ role }) => role.includes("controlplane"))
    .map(({ address }) => `https://${address.includes(":") ? `[${address}]` : address}:6443`);

function nodeStatusOf(
  config: ClusterConfig,
  inputs: Properties,
  facts: ClusterFacts,
): Readonly<Record<string, NodeStatus>> {
  const names = nodeNames(inputs);
  return Object.fromEntries(
    config.nodes.map(({ address, hostnameOverride }, index): [string, NodeStatus] => {
      const name = names[index] ?? address;
      const seen = facts.nodes[address];
      if (seen?.status === "unreachable") return [name, { status: "unreachable", because: seen.because }];
      const node = facts.kube?.nodes.find((one) => one.name === hostnameOverride);
      if (node === undefined) return [name, { status: "not in the cluster" }];
      return [name, { status: node.isReady ? "ready" : "not ready", kubelet: node.kubeletVersion }];
    }),
  );
}

/** The way out: with this file and a cluster.yml, `rke` takes the cluster over. */
function rkeStateOf(
  config: ClusterConfig,
  certificates: Bundle,
  { encryptionKeys }: Pick<ClusterOutcome, "encryptionKeys">,
): string {
  const encryptionConfig = encryptionFile(config.services.kubeApi, encryptionKeys);
  const state = {
    rkeConfig: stateForm(config),
    certificatesBundle: toRkeState(certificates).unwrap(),
    ...(encryptionConfig !== undefined && { encryptionConfig }),
  };
  return JSON.stringify({ desiredState: state, currentState: state });
}
