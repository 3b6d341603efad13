import type { ClusterConfig } from "../config/cluster-config.ts";
import { RkeError } from "../errors.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import { isDone } from "../reconcile/restore-progress.ts";
import type { FormerNode } from "../reconcile/runbook.ts";
import { type Backup, type Restored, readClusterState } from "../state/cluster-state.ts";
import { packed } from "../state/packed-text.ts";
import { archivesInBucket } from "./archives-in-bucket.ts";
import { backupNotices } from "./backup-notices.ts";
import { checkCluster } from "./cluster-check.ts";
import { clusterOutputs } from "./cluster-inputs.ts";
import {
  isAmong,
  operationFor,
  paperKeys,
  runOptions,
  type WantedCluster,
  wantedCluster,
  waysOf,
} from "./cluster-operation.ts";
import { clusterOuts, foreignOuts, namedNodes, type Sight, seenOuts } from "./cluster-outs.ts";
import { previewTexts, shortened } from "./cluster-preview.ts";
import { durationMs } from "./duration.ts";
import type { Call, Handler, Properties, StateCall, Surroundings } from "./handler.ts";
import { bringDown, bringUp, lookAround, NodesMissing } from "./operation.ts";
import { openPlaces, parsedInputs } from "./parsed-inputs.ts";
import { changedInputs, isSame, mapAt, storable, textAt } from "./properties.ts";
import { PartlyDone, type Run, withRun } from "./run.ts";
import { sameSight } from "./same-sight.ts";
import type { Way } from "./ways.ts";

/** RkeCluster: Pulumi's verbs over the operations on a cluster. */
export function clusterHandler(surroundings: Surroundings): Handler {
  const { calls } = surroundings;
  return {
    async check({ olds, news }) {
      const { inputs: given, call } = calls.take(news);
      const checked = checkCluster(olds, given);
      calls.keep(checked.inputs, call);
      return checked;
    },

    async diff({ olds, news, preview = calls.of(news)?.isPreview ?? false, log = surroundings.log }) {
      // A newer package may say the same of a plane in other words.
      const changed = changedInputs(olds, news, { outputs: clusterOutputs }).filter((name) => name !== "planes");
      const parsed = parsedInputs(news);
      if (openPlaces(parsed).length > 0) return { changes: true };
      const { plan, notices } = await previewTexts(olds, news, { parsed, surroundings });
      const name = textAt(news, "name") ?? "cluster";
      // Before an update Pulumi asks again, and the same plan twice would only make people look for what differs.
      const lines = preview ? [...notices, ...shortened(plan ?? "")] : [];
      for (const line of lines) log(`${name}  ${line}`);
      return { changes: plan !== undefined || changed.length > 0 };
    },

    async create({ news, ...call }) {
      const wanted = await wantedCluster(news, undefined, surroundings);
      const id = String(news.clusterId);
      return { id, outs: await apply(wanted, { ...call, id, verb: "create", surroundings }) };
    },

    async read({ id, olds: known, ...call }) {
      const { inputs: olds } = calls.take(known);
      if (olds.stateVersion === undefined) return readForeign({ id, olds, ...call, surroundings });
      const wanted = await knownCluster(olds, surroundings);
      const sight = await lookOnce(wanted, { ...call, surroundings });
      const { facts } = sight;
      if (isGone(facts)) return { id: "", props: {} };
      const seen = seenOuts(wanted.config, olds, sight);
      if (isOldNews(wanted, { facts, backups: seen.backups })) return { id, props: olds };
      return { id, props: storable({ ...olds, facts: packed(facts), ...seen }) };
    },

    async update({ id, olds, news, ...call }) {
      const wanted = await wantedCluster(news, readClusterState(olds), surroundings);
      return { outs: await apply(wanted, { ...call, id, verb: "update", surroundings }) };
    },

    async delete({ olds, ...call }) {
      const wanted = await knownCluster(olds, surroundings);
      await remove(wanted, { ...call, surroundings });
    },
  };
}

/** Whether a look has shown nothing new: neither of the cluster, nor of its snapshots, nor that none came any more. */
function isOldNews(
  { config, state, inputs }: WantedCluster,
  { facts, backups }: { facts: ClusterFacts; backups: readonly Backup[] },
): boolean {
  return (
    sameSight(state?.facts, facts) &&
    isSame(inputs.backups, storable({ backups }).backups) &&
    backupNotices(config, state?.facts).length === backupNotices(config, facts).length
  );
}

type RunCall = Call & { readonly surroundings: Surroundings };

/** The cluster as the state has it, for verbs that are given nothing else and issue nothing that stays. */
const knownCluster = (olds: Properties, surroundings: Surroundings): Promise<WantedCluster> =>
  wantedCluster(olds, readClusterState(olds), { ...surroundings, keys: paperKeys(surroundings.keys) });

/**
 * Makes the cluster what is wanted. Once something may have been done, every failure carries what is known by then, so that
 * the next run goes on from there.
 */
async function apply(
  wanted: WantedCluster,
  { id, verb, surroundings, ...call }: RunCall & { id: string; verb: "create" | "update" },
): Promise<Properties> {
  const { clock } = surroundings;
  const limitMs = limitOf(wanted.inputs, verb);
  const ways = waysOf(wanted);
  const urn = surroundings.calls.of(wanted.inputs)?.urn;
  const options = { ...runOptions(wanted, { doing: `${verb} the cluster`, limitMs }), urn };
  return withRun(options, { surroundings, ...call }, async (run) => {
    // What cannot be written into a state is found out before there is something to remember.
    outsWith(wanted, { facts: undefined, ways, isDone: () => false });
    try {
      const { facts } = await bringUp(operationFor(wanted, { run, ways, clock, limitMs }));
      const inBucket = await archivesInBucket(wanted.config, run);
      return outsWith(wanted, { facts, inBucket, ways, isDone: () => true });
    } catch (error) {
      if (error instanceof NodesMissing) {
        const { facts } = error.result;
        const isDone = (address: string) => facts.nodes[address]?.status === "reached";
        throw new PartlyDone(error, { id, state: outsWith(wanted, { facts, ways, isDone }), inputs: wanted.inputs });
      }
      if (!run.hasBegun()) throw error;
      const facts = withMemory(await lastLook(wanted, { run, ways, surroundings }), wanted.state?.facts);
      const state = outsWith(wanted, { facts, ways, isDone: () => false });
      throw new PartlyDone(error, { id, state, inputs: wanted.inputs });
    }
  });
}

/**
 * The state after a run. Nodes that it did not bring to the end stay as they were applied before; new ones among them are
 * remembered apart: they may hold something, and the next program may not want them any more.
 */
function outsWith(
  { inputs, config, certificates, encryptionKeys, adoptedKeys, restore, state }: WantedCluster,
  { facts, inBucket, ways, isDone }: Outcome,
): Properties {
  const nodes = namedNodes(config, inputs);
  const [done, open] = [
    nodes.filter(({ address }) => isDone(address)),
    nodes.filter(({ address }) => !isDone(address)),
  ];
  const isOpen = ({ address }: FormerNode) => open.some((node) => node.address === address);
  const before = state?.applied ?? [];
  const begun = state?.attempted ?? [];
  // As long as nothing was brought to its end, what was to leave may still be there.
  const stays = done.length === 0 ? before : before.filter(isOpen);
  const applied = state?.applied === undefined && done.length === 0 ? undefined : [...done, ...stays];
  const attempted = [
    ...open.filter((node) => !isAmong(stays, node)),
    ...begun.filter((node) => !isAmong(nodes, node) && (done.length === 0 || isOpen(node))),
  ];
  const held = new Set([...(applied ?? []), ...attempted].map(({ address }) => address));
  const kept = Object.fromEntries(Object.entries(ways).filter(([address]) => held.has(address)));
  const restored = restore && (restoredBy(facts, { wanted: restore.name, config }) ?? state?.restored);
  const known = { config, certificates, encryptionKeys, adoptedKeys, facts, inBucket, restored };
  return clusterOuts({ inputs, ...known, applied, attempted, ways: kept });
}

/** What the machines with etcd say of a restore that is done. */
function restoredBy(
  facts: ClusterFacts | undefined,
  { wanted, config }: { wanted: string; config: ClusterConfig },
): Restored | undefined {
  for (const { address, role } of config.nodes) {
    const node = facts?.nodes[address];
    if (!role.includes("etcd") || node?.status !== "reached" || node.restore?.name !== wanted) continue;
    const { name, sha256, at } = node.restore;
    if (isDone(node.restore)) return { name, sha256, at };
  }
  return undefined;
}

interface Outcome {
  readonly facts: ClusterFacts | undefined;
  readonly inBucket?: Sight["inBucket"];
  readonly ways: Record<string, Way>;
  readonly isDone: (address: string) => boolean;
}

/** What the machines look like after a failure: the next preview starts from it. Not worth a second failure, or a wait. */
async function lastLook(
  wanted: WantedCluster,
  { run, ways, surroundings }: { run: Run; ways: Record<string, Way>; surroundings: Surroundings },
): Promise<ClusterFacts | undefined> {
  if (run.signal.aborted) return undefined;
  const signal = AbortSignal.any([run.signal, AbortSignal.timeout(lastLookMs)]);
  const quiet = { ...run, signal, emit: () => undefined };
  const operation = operationFor(wanted, { run: quiet, ways, clock: surroundings.clock, limitMs: lastLookMs });
  return lookAround(operation).catch(() => undefined);
}

const lastLookMs = 30_000;

/** A machine that was just lost says nothing: what was seen of it before is the better memory. */
function withMemory(facts: ClusterFacts | undefined, before: ClusterFacts | undefined): ClusterFacts | undefined {
  if (facts === undefined) return before;
  const nodes = Object.entries(facts.nodes).flatMap(([address, seen]) => {
    const known = seen.status === "reached" ? seen : before?.nodes[address];
    return known === undefined ? [] : [[address, known] as const];
  });
  return nodes.length === 0 ? before : { ...facts, nodes: Object.fromEntries(nodes) };
}

async function lookOnce(wanted: WantedCluster, { surroundings, ...call }: RunCall): Promise<Sight> {
  const { clock } = surroundings;
  const limitMs = 300_000;
  const options = runOptions(wanted, { doing: "look at the cluster", limitMs });
  return withRun(options, { surroundings, ...call }, async (run) => {
    const [facts, inBucket] = await Promise.all([
      lookAround(operationFor(wanted, { run, ways: waysOf(wanted), clock, limitMs })),
      archivesInBucket(wanted.config, run),
    ]);
    return { facts, inBucket };
  });
}

/** Only who has seen every machine can say that nothing is left. */
const isGone = ({ nodes }: ClusterFacts): boolean =>
  Object.values(nodes).every(
    (node) => node.status === "reached" && node.containers.length === 0 && node.machine.leftovers.length === 0,
  );

async function remove(wanted: WantedCluster, { surroundings, ...call }: RunCall): Promise<void> {
  const { clock } = surroundings;
  const limitMs = limitOf(wanted.inputs, "delete");
  const options = runOptions(wanted, { doing: "delete the cluster", limitMs });
  const { nameOf = (address: string) => address } = options;
  await withRun(options, { surroundings, ...call }, async (run) => {
    const operation = operationFor(wanted, { run, ways: waysOf(wanted), clock, limitMs });
    const { facts } = await bringDown(operation);
    const silent = Object.entries(facts.nodes).flatMap(([address, node]) =>
      node.status === "unreachable" ? [{ address, because: node.because }] : [],
    );
    // That they were not cleaned, and what to do about it, the run has told.
    if (silent.length === 0 || wanted.inputs.onDelete !== "strict") return;
    const lines = silent.map(({ address, because }) => `\n  ${nameOf(address)} (${address}): ${because}`).join("");
    throw new RkeError("ssh", {
      doing: "clean all machines of the cluster",
      because: `some do not answer${lines}`,
      hint: 'Bring them back, or set onDelete to "forget", and run it again: the others are clean',
    });
  });
}

/** A cluster of another stack, which a program reads by `get`: its arguments, and what can be seen. */
async function readForeign({ id, olds, surroundings, ...call }: RunCall & StateCall): Promise<ReadResult> {
  const { inputs, failures } = checkCluster({}, olds);
  const refused = (because: string) =>
    new RkeError("state", {
      doing: `read the RkeCluster ${id}`,
      because,
      hint: "Give RkeCluster.get the clusterId of the cluster, and the nodes and the identity (RkeIdentity.get) that it has",
    });
  if (failures.length > 0) {
    throw refused(failures.map(({ property, reason }) => `\n  ${property}: ${reason}`).join(""));
  }
  if (inputs.clusterId !== id) throw refused(`the identity is that of the cluster ${String(inputs.clusterId)}`);
  const wanted = await wantedCluster(inputs, undefined, { ...surroundings, keys: paperKeys(surroundings.keys) });
  const sight = await lookOnce(wanted, { ...call, surroundings });
  if (isGone(sight.facts)) return { id: "", props: {} };
  return { id, props: foreignOuts({ inputs, config: wanted.config, ...sight }) };
}

type ReadResult = Awaited<ReturnType<Handler["read"]>>;

const usualLimits = { create: "60m", update: "60m", delete: "30m" } as const;

function limitOf(inputs: Properties, verb: keyof typeof usualLimits): number {
  const text = textAt(mapAt(inputs, "timeouts"), verb) ?? usualLimits[verb];
  return durationMs(text) ?? durationMs(usualLimits[verb]) ?? 3_600_000;
}
