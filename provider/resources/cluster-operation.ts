import { pkiSubject } from "../desired/pki-subject.ts";
import { type Bundle, issueBundle } from "../pki/bundle.ts";
import type { KeySource } from "../pki/openssl.ts";
import { fromRkeState } from "../pki/rke-state.ts";
import type { FormerNode } from "../reconcile/runbook.ts";
import { Secret } from "../secrets.ts";
import type { ClusterState } from "../state/cluster-state.ts";
import { nodeNames } from "./cluster-inputs.ts";
import type { Properties, Surroundings } from "./handler.ts";
import { encryptionKeyOf, readIdentity } from "./identity-bundle.ts";
import type { Operation } from "./operation.ts";
import { nameByAddress, type ParsedInputs, parsedInputs, textsIn } from "./parsed-inputs.ts";
import { textAt } from "./properties.ts";
import { wantedRestore } from "./restore-input.ts";
import { snapshotFor } from "./restore-source.ts";
import type { Run, RunOptions } from "./run.ts";
import { takeoverOf } from "./takeover.ts";
import { connectionBy, type Way, waysTo } from "./ways.ts";

/** A cluster as it is wanted, with what is remembered of it. */
export type WantedCluster = Awaited<ReturnType<typeof wantedCluster>>;

interface WantedOptions extends Pick<Surroundings, "clock" | "serials" | "keys"> {
  /** The inputs as `parsedInputs` reads them, where somebody has them already. */
  readonly parsed?: ParsedInputs;
}

/**
 * Puts together what an operation needs: from inputs that have passed `check`, and from the state of the cluster where
 * there is one. Certificates that are due are issued here, before anything is touched.
 */
export async function wantedCluster(
  inputs: Properties,
  state: ClusterState | undefined,
  { clock, serials, keys, parsed = parsedInputs(inputs) }: WantedOptions,
) {
  const { config } = parsed;
  const identity = readIdentity(textAt(inputs, "identity") ?? "");
  const takeover = state === undefined ? takeoverOf(inputs) : undefined;
  const known = state === undefined ? takeover?.certificates : certificatesOf(state);
  const { bundle: certificates } = await issueBundle(pkiSubject(config), {
    existing: { ...known, ...identity },
    clock,
    serials,
    keys,
  });
  const { enabled = false, customConfig } = config.services.kubeApi.secretsEncryptionConfig ?? {};
  const isOurs = enabled && customConfig === undefined;
  const adoptedKeys = state?.encryptionKeys ?? takeover?.encryptionKeys ?? [];
  const encryptionKeys = isOurs ? (adoptedKeys.length > 0 ? adoptedKeys : [encryptionKeyOf(identity)]) : [];
  const former = formerNodes(state, config.nodes);
  const restore = wantedRestore(inputs);
  return { inputs, parsed, config, certificates, encryptionKeys, adoptedKeys, former, restore, state };
}

/** Keys for plans that are only looked at: what is new differs from what is there, whatever its key. */
export function paperKeys(keys: KeySource): KeySource {
  let one: ReturnType<KeySource> | undefined;
  return (name) => {
    one ??= keys(name);
    return one;
  };
}

/** What decides the runbook. */
export const planningPart = ({
  inputs,
  parsed,
  certificates,
  encryptionKeys,
  former,
  restore,
  state,
}: WantedCluster) => ({
  config: parsed.config,
  release: parsed.release,
  certificates,
  encryptionKeys,
  ...(former !== undefined && { former }),
  ...(inputs.safetySnapshot === false && { savesEtcd: false }),
  ...(restore !== undefined && { restore: { name: restore.name, isDone: state?.restored?.name === restore.name } }),
});

/** The ways to all machines that may hold something of the cluster; host keys that are seen are put into them. */
export function waysOf({ config, inputs, state }: WantedCluster): Record<string, Way> {
  const known = state?.ways ?? {};
  const hostKeys = Object.fromEntries(
    Object.entries(known).flatMap(([address, way]) => {
      const hostKey = textAt(way, "hostKey");
      return hostKey === undefined ? [] : [[address, hostKey]];
    }),
  );
  return { ...known, ...waysTo(config, inputs, { hostKeys }) };
}

export function operationFor(
  wanted: WantedCluster,
  { run, ways, clock, limitMs }: { run: Run; ways: Record<string, Way>; clock: () => Date; limitMs: number },
): Operation {
  const { waive, clusterId } = wanted.inputs;
  return {
    ...planningPart(wanted),
    snapshot: snapshotFor(wanted),
    connections: (address) => connectionBy(ways[address] ?? { host: address }),
    holder: String(clusterId),
    waived: Array.isArray(waive) ? waive.map(String) : [],
    clock,
    signal: run.signal,
    emit: run.emit,
    limitMs,
    onTrace: run.begin,
    onHostKey: (address, hostKey) => {
      const way = ways[address];
      if (way !== undefined) ways[address] = { hostKey, ...way };
    },
  };
}

/** How a run on the cluster calls things, and what it must not say. */
export function runOptions(wanted: WantedCluster, { doing, limitMs }: { doing: string; limitMs: number }): RunOptions {
  const { inputs, config, certificates, encryptionKeys, state } = wanted;
  const secrets = [
    ...Object.values(certificates).flatMap(({ key, kubeconfig }) => [key, kubeconfig?.text]),
    ...textsIn([inputs.connections, inputs.secrets, inputs.adopt, inputs.restoreSecrets]).map(
      (text) => new Secret(text),
    ),
    ...encryptionKeys.map(({ secret }) => new Secret(secret)),
    ...Object.values(state?.ways ?? {}).map((way) => wrapped(textAt(way, "privateKey"))),
  ];
  return {
    subject: textAt(inputs, "name") ?? config.clusterName,
    doing,
    limitMs,
    nameOf: namesIn(wanted),
    nodeCount: config.nodes.length,
    secrets: secrets.filter((secret) => secret !== undefined),
  };
}

/** What people call the machines: by the program, and by the one before for those that have left it. */
export function namesIn({ inputs, config, state }: Pick<WantedCluster, "inputs" | "config" | "state">) {
  const nameOf = nameByAddress(config, nodeNames(inputs));
  const before = new Map(
    [...(state?.attempted ?? []), ...(state?.applied ?? [])].map(({ name, hostnameOverride, address }) => {
      return [address, name ?? hostnameOverride] as const;
    }),
  );
  return (address: string): string => {
    const name = nameOf(address);
    return name === address ? (before.get(address) ?? address) : name;
  };
}

const wrapped = (text: string | undefined): Secret<string> | undefined =>
  text === undefined ? undefined : new Secret(text);

export const certificatesOf = (state: ClusterState): Bundle => fromRkeState(JSON.parse(state.certificates));

/** Nodes of the cluster as it was, and those that a broken run may have begun to add or to rename and nobody wants any more. */
export function formerNodes(
  state: Pick<ClusterState, "applied" | "attempted"> | undefined,
  wanted: readonly NodeIdentity[],
): readonly FormerNode[] | undefined {
  if (state === undefined) return undefined;
  const { applied, attempted } = state;
  const begun = attempted
    .filter((node) => !isAmong(applied ?? [], node) && !isAmong(wanted, node))
    .map((node) => ({ ...node, isUnfinished: true }));
  return applied === undefined && begun.length === 0 ? undefined : [...(applied ?? []), ...begun];
}

type NodeIdentity = Pick<FormerNode, "address" | "hostnameOverride">;

/** A machine under another name is another node: it has a Node object of its own. */
export const isAmong = (nodes: readonly NodeIdentity[], { address, hostnameOverride }: NodeIdentity): boolean =>
  nodes.some((node) => node.address === address && node.hostnameOverride === hostnameOverride);
