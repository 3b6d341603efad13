import { randomUUID } from "node:crypto";

import type { ClusterConfig } from "../config/cluster-config.ts";
import { bootstrapObjects } from "../desired/bootstrap-objects.ts";
import { type ClusterPlan, planCluster } from "../desired/cluster-plan.ts";
import { assumedDockerFacts, type DockerFacts } from "../desired/docker-facts.ts";
import type { EncryptionKey } from "../desired/files/encryption.ts";
import { prefixPathOf } from "../desired/paths.ts";
import { type ErrorDetail, RkeError } from "../errors.ts";
import type { Context } from "../execute/context.ts";
import { withLock } from "../execute/lock.ts";
import { makeContext } from "../execute/make-context.ts";
import { execute } from "../execute/run.ts";
import type { Connection } from "../hosts/connection.ts";
import { Hosts } from "../hosts/hosts.ts";
import { Pool } from "../hosts/pool.ts";
import type { ClusterFacts, NodeFacts } from "../observed/facts.ts";
import { look } from "../observed/look.ts";
import type { Bundle } from "../pki/bundle.ts";
import { preflight } from "../preflight/preflight.ts";
import type { Listener } from "../progress.ts";
import { down } from "../reconcile/down.ts";
import { restore } from "../reconcile/restore.ts";
import { restoreNotices } from "../reconcile/restore-notices.ts";
import type { FormerNode, Phase, RestoreOrder, Runbook, World } from "../reconcile/runbook.ts";
import { up } from "../reconcile/up.ts";
import { nameOf } from "../reconcile/world.ts";
import { etcdApiPrefix } from "../releases/etcd-api-prefix.ts";
import type { Release } from "../releases/release.ts";
import type { CheckedSnapshot } from "../snapshots/checked-snapshot.ts";
import { readIncludes } from "./includes.ts";

/** A cluster as somebody wants it, and all it takes to get there. */
export interface Operation {
  readonly config: ClusterConfig;
  readonly release: Release;
  readonly certificates: Bundle;
  readonly encryptionKeys?: readonly EncryptionKey[];
  /** The texts of `addonsInclude`; `bringUp` reads them where nobody has. */
  readonly includes?: readonly string[] | undefined;
  /** The nodes as they were last applied; absent for a cluster that was never finished. */
  readonly former?: readonly FormerNode[];
  /** The snapshot whose data etcd is to have. */
  readonly restore?: RestoreOrder | undefined;
  /** Fetches that snapshot and checks it. */
  readonly snapshot?: ((context: Context) => Promise<FetchedSnapshot>) | undefined;
  readonly connections: (address: string) => Connection;
  /** Whose cluster it is: two runs for different holders exclude each other. */
  readonly holder: string;
  /** Whether etcd is saved before it is changed; true where it is not said. */
  readonly savesEtcd?: boolean;
  /** Preflight checks that the person knows better about. */
  readonly waived?: readonly string[];
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  readonly emit: Listener;
  readonly limitMs?: number;
  /** Is told the key of each machine that answers, so that it can be checked from then on. */
  readonly onHostKey?: (address: string, key: string) => void;
  /** Is told that something may be left on a machine although no step has begun. */
  readonly onTrace?: () => void;
}

/** A snapshot on the machine running Pulumi, as long as a run needs it. */
export interface FetchedSnapshot {
  readonly snapshot: CheckedSnapshot;
  close(): Promise<void>;
}

export interface OperationResult {
  readonly runbook: Runbook;
  /** What was seen after the run. */
  readonly facts: ClusterFacts;
}

type Planned = Omit<Operation, "connections" | "signal" | "emit" | "clock" | "holder">;

/**
 * What an `up` would do, by what was last seen. The same functions that decide what it does. What comes after a restore is
 * decided when it is seen what the restored data say; then this is not all.
 */
export function previewUp(operation: Planned, facts: ClusterFacts): { runbook: Runbook; isAll: boolean } {
  const world = worldOf(operation, facts);
  const first = restore(world);
  return first.length > 0 ? { runbook: first, isAll: false } : { runbook: up(world), isAll: true };
}

/**
 * What a person should know of a restore, by what was last seen. All machines are planned for it, which nobody should wait for
 * where no restore is asked for and no machine knows of one.
 */
export function previewNotices(
  operation: Planned,
  facts: ClusterFacts,
  options: Parameters<typeof restoreNotices>[1],
): readonly string[] {
  const isKnown = Object.values(facts.nodes).some((node) => reachedNode(node)?.restore !== undefined);
  return operation.restore === undefined && !isKnown ? [] : restoreNotices(worldOf(operation, facts), options);
}

/**
 * Looks, decides and does; then looks again. Does nothing, and takes no lock, when all is as it should be. Machines that
 * do not answer are left alone, and named at the end by an error that has the result of the rest.
 */
export async function bringUp(operation: Operation): Promise<OperationResult> {
  const includes = operation.includes ?? (await readIncludes(operation.config, operation));
  const first = (world: World) => {
    refuseUnfit(world, operation);
    return restore(world);
  };
  const result = await operate({ ...operation, includes }, "up", [first, up]);
  refuseMissing(operation, result);
  return result;
}

/** Takes a cluster away from its machines. */
export async function bringDown(operation: Operation): Promise<OperationResult> {
  return operate(operation, "remove", [down]);
}

/** Looks at all machines of a cluster and changes nothing. */
export async function lookAround(operation: Operation): Promise<ClusterFacts> {
  return withHosts(operation, (hosts) => lookAt(operation, contextOf(operation, { hosts })));
}

type Decide = (world: World) => Runbook;

/** Does what is decided, one decision after the other: where one has changed something, the next is made after a new look. */
async function operate(operation: Operation, verb: string, decisions: readonly Decide[]): Promise<OperationResult> {
  return withHosts(operation, async (hosts) => {
    const facts = await lookAt(operation, contextOf(operation, { hosts }));
    const { runbook, later } = firstToDo(decisions, worldOf(operation, facts));
    if (runbook.length === 0 && !isLeftLocked(operation, facts)) return { runbook, facts };

    const fetching = fetchingFor(operation, contextOf(operation, { hosts, facts }));
    const contextFor = (seen: ClusterFacts): Context => {
      return { ...contextOf(operation, { hosts, facts: seen }), ...(fetching && { snapshot: fetching.snapshot }) };
    };
    const context = contextFor(facts);
    const { config, holder, limitMs = 3_600_000 } = operation;
    const lock = {
      context,
      nodes: lockNodes(operation, facts),
      holder,
      isHolderExclusive: true,
      runId: randomUUID(),
      verb,
      limitMs,
      image: () => config.systemImages.alpine,
      onTrace: operation.onTrace,
    };
    const done: Phase[] = [...runbook];
    try {
      await withLock(lock, async ({ journal }) => {
        await execute(runbook, context, { journal });
        for (const decide of later) {
          const seen = await lookAt(operation, context);
          const next = decide(worldOf(operation, seen));
          await execute(next, contextFor(seen), { journal });
          done.push(...next);
        }
      });
    } finally {
      await fetching?.close();
    }
    return { runbook: done, facts: await lookAt(operation, context) };
  });
}

/** The first decision that finds something to do, and those that are made after it. */
function firstToDo(decisions: readonly Decide[], world: World): { runbook: Runbook; later: readonly Decide[] } {
  for (const [index, decide] of decisions.entries()) {
    const runbook = decide(world);
    if (runbook.length > 0) return { runbook, later: decisions.slice(index + 1) };
  }
  return { runbook: [], later: [] };
}

/** Whether a run of ours was killed when it had done everything but give its lock back. */
const isLeftLocked = ({ holder }: Operation, { nodes }: ClusterFacts): boolean =>
  Object.values(nodes).some((node) => reachedNode(node)?.lock?.holder === holder);

/** The lock lies where the cluster cannot do without: on the machines with etcd, else on the control planes. */
function lockNodes({ config, former = [] }: Operation, facts: ClusterFacts): readonly string[] {
  const all = [...config.nodes, ...former];
  const having = (role: "etcd" | "controlplane") => all.filter((node) => node.role.includes(role));
  const carriers = having("etcd").length > 0 ? having("etcd") : having("controlplane");
  return carriers.map(({ address }) => address).filter((address) => facts.nodes[address]?.status === "reached");
}

/** One connection to a machine, and what is open on it, from the first look to the last. */
async function withHosts<T>(
  { config, former = [], connections }: Operation,
  work: (hosts: Hosts) => Promise<T>,
): Promise<T> {
  const names = new Map([...former, ...config.nodes].map((node) => [node.address, node.hostnameOverride]));
  const pool = new Pool();
  const hosts = new Hosts({ connections, pool, nameOf: (address) => names.get(address) ?? address });
  try {
    return await work(hosts);
  } finally {
    hosts.close();
    await pool.close();
  }
}

function contextOf(
  operation: Operation,
  { hosts, facts }: { readonly hosts: Hosts; readonly facts?: ClusterFacts },
): Context {
  const { certificates, clock, signal, emit, former } = operation;
  return makeContext({
    plan: planFor(operation, facts),
    certificates,
    host: (address) => hosts.at(address),
    clock,
    signal,
    emit,
    former,
    clockOffsetMs: (address) => reachedNode(facts?.nodes[address])?.machine.clockOffsetMs,
  });
}

/** Several machines ask for the one snapshot, at the same time: it is fetched with the first question. */
function fetchingFor({ snapshot: fetch }: Operation, context: Context) {
  if (fetch === undefined) return undefined;
  let fetched: Promise<FetchedSnapshot> | undefined;
  return {
    snapshot: async () => {
      fetched ??= fetch(context);
      return (await fetched).snapshot;
    },
    close: async () => {
      const found = await fetched?.catch(() => undefined);
      await found?.close();
    },
  };
}

async function lookAt(operation: Operation, context: Context): Promise<ClusterFacts> {
  const { config, certificates, former = [], clock, signal, emit } = operation;
  const plan = planFor(operation, undefined);
  // A node that loses a role may still have a member of etcd or an API server that has to be asked.
  const before = (address: string) => former.filter((node) => node.address === address).flatMap(({ role }) => role);
  const wanted = plan.nodes.map(({ node, prefixPath, images }) => {
    return { ...node, role: [...new Set([...node.role, ...before(node.address)])], prefixPath, images };
  });
  const leaving = [...new Map(former.map((node) => [node.address, node])).values()]
    .filter(({ address }) => !config.nodes.some((node) => node.address === address))
    .map((node) => ({ ...node, role: before(node.address), prefixPath: prefixPathOf(config, assumedDockerFacts) }));
  const apiPrefix = etcdApiPrefix(config.systemImages.etcd);
  const facts = await look({
    nodes: [...wanted, ...leaving],
    host: context.host,
    certificates,
    bootstrap: bootstrapObjects(config),
    ...(apiPrefix !== undefined && { etcdApiPrefix: apiPrefix }),
    clock,
    signal,
    emit,
  });
  await tellHostKeys(operation, { facts, context });
  return facts;
}

/** The connections are open: this asks nobody anything. One that was lost meanwhile tells its key another time. */
async function tellHostKeys(
  { onHostKey, signal }: Operation,
  { facts, context }: { facts: ClusterFacts; context: Context },
): Promise<void> {
  if (onHostKey === undefined) return;
  const reached = Object.keys(facts.nodes).filter((address) => reachedNode(facts.nodes[address]) !== undefined);
  await Promise.allSettled(
    reached.map(async (address) => onHostKey(address, (await context.host(address).open({ signal })).key)),
  );
  signal.throwIfAborted();
}

function worldOf(
  operation: Pick<
    Operation,
    "config" | "release" | "certificates" | "former" | "savesEtcd" | "encryptionKeys" | "includes" | "restore"
  >,
  facts: ClusterFacts,
): World {
  const { certificates, former, savesEtcd, restore: order } = operation;
  return {
    desired: planFor(operation, facts),
    facts,
    certificates,
    ...(former && { former }),
    ...(savesEtcd !== undefined && { savesEtcd }),
    ...(order && { restore: order }),
  };
}

/** The plan depends a little on the machines: on Docker's directory, SELinux and the operating system. */
function planFor(
  {
    config,
    release,
    encryptionKeys = [],
    includes,
  }: Pick<Operation, "config" | "release" | "encryptionKeys" | "includes">,
  facts: ClusterFacts | undefined,
): ClusterPlan {
  const docker = (address: string): DockerFacts | undefined => dockerFactsOf(facts?.nodes[address]);
  return planCluster(config, release, { docker, encryptionKeys, includes });
}

function dockerFactsOf(facts: NodeFacts | undefined): DockerFacts | undefined {
  const node = reachedNode(facts);
  if (node === undefined) return undefined;
  const { machine } = node;
  return {
    architecture: machine.architecture,
    dockerRootDir: machine.docker.rootDir,
    operatingSystem: machine.os,
    osType: machine.osType,
    securityOptions: machine.securityOptions,
    serverVersion: machine.docker.serverVersion,
    cgroupDriver: machine.cgroupDriver,
    cgroupVersion: machine.cgroupVersion,
  };
}

/** The cluster is as wanted, but for nodes that do not answer. */
export class NodesMissing extends RkeError {
  readonly result: OperationResult;

  constructor(detail: ErrorDetail, result: OperationResult) {
    super("ssh", detail);
    this.name = "NodesMissing";
    this.result = result;
  }
}

function refuseMissing({ config }: Operation, result: OperationResult): void {
  const missing = config.nodes.flatMap((node) => {
    const seen = result.facts.nodes[node.address];
    return seen?.status === "unreachable" ? [{ name: nameOf(node), because: seen.because }] : [];
  });
  const [only, ...others] = missing;
  if (only === undefined) return;
  const isOne = others.length === 0;
  const lines = missing.map(({ name, because }) => `\n  ${name}: ${because}`);
  const [back, out] = isOne ? ["the node", "it"] : ["the nodes", "them"];
  throw new NodesMissing(
    {
      doing: isOne ? "do anything" : `do anything on ${missing.length} nodes`,
      ...(isOne && { node: only.name }),
      because: isOne ? only.because : `they do not answer${lines.join("")}`,
      hint: `All else is as it should be. Bring ${back} back or take ${out} out of the cluster, then run it again`,
    },
    result,
  );
}

const reachedNode = (facts: NodeFacts | undefined) => (facts?.status === "reached" ? facts : undefined);

function refuseUnfit({ desired, facts, certificates, former }: World, { waived = [], emit }: Operation): void {
  const findings = preflight(desired, facts, { waived, certificates, ...(former && { former }) });
  for (const { severity, node, reason } of findings) {
    if (severity === "warning") emit({ kind: "notice", text: node === undefined ? reason : `${node}: ${reason}` });
  }
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length === 0) return;
  const lines = errors.map(
    ({ name, node, reason, hint }) => `\n  ${node ?? "cluster"}: ${reason} [${name}]${hint ? `\n    ${hint}` : ""}`,
  );
  throw new RkeError("unsafe", {
    doing: "begin",
    because: `the machines are not fit${lines.join("")}`,
    hint: "Mend what is named, or waive a check by the name in brackets",
  });
}
