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
import type { FormerNode, Runbook, World } from "../reconcile/runbook.ts";
import { up } from "../reconcile/up.ts";
import { nameOf } from "../reconcile/world.ts";
import { etcdApiPrefix } from "../releases/etcd-api-prefix.ts";
import type { Release } from "../releases/release.ts";
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

export interface OperationResult {
  readonly runbook: Runbook;
  /** What was seen after the run. */
  readonly facts: ClusterFacts;
}

/** What an `up` would do, by what was last seen. The same function that decides what it does. */
export function previewUp(
  operation: Omit<Operation, "connections" | "signal" | "emit" | "clock" | "holder">,
  facts: ClusterFacts,
): Runbook {
  return up(worldOf(operation, facts));
}

/**
 * Looks, decides and does; then looks again. Does nothing, and takes no lock, when all is as it should be. Machines that
 * do not answer are left alone, and named at the end by an error that has the result of the rest.
 */
export async function bringUp(operation: Operation): Promise<OperationResult> {
  const includes = operation.includes ?? (await readIncludes(operation.config, operation));
  const result = await operate({ ...operation, includes }, "up", (world) => {
    refuseUnfit(world, operation);
    return up(world);
  });
  refuseMissing(operation, result);
  return result;
}

/** Takes a cluster away from its machines. */
export async function bringDown(operation: Operation): Promise<OperationResult> {
  return operate(operation, "remove", down);
}

/** Looks at all machines of a cluster and changes nothing. */
export async function lookAround(operation: Operation): Promise<ClusterFacts> {
  return withHosts(operation, (hosts) => lookAt(operation, contextOf(operation, { hosts })));
}

async function operate(
  operation: Operation,
  verb: string,
  decide: (world: World) => Runbook,
): Promise<OperationResult> {
  return withHosts(operation, async (hosts) => {
    const facts = await lookAt(operation, contextOf(operation, { hosts }));
    const runbook = decide(worldOf(operation, facts));
    if (runbook.length === 0 && !isLeftLocked(operation, facts)) return { runbook, facts };

    const context = contextOf(operation, { hosts, facts });
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
    await withLock(lock, ({ journal }) => execute(runbook, context, { journal }));
    return { runbook, facts: await lookAt(operation, context) };
  });
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
    "config" | "release" | "certificates" | "former" | "savesEtcd" | "encryptionKeys" | "includes"
  >,
  facts: ClusterFacts,
): World {
  const { certificates, former, savesEtcd } = operation;
  return {
    desired: planFor(operation, facts),
    facts,
    certificates,
    ...(former && { former }),
    ...(savesEtcd !== undefined && { savesEtcd }),
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
