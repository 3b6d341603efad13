import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import { issueBundle } from "../../provider/pki/bundle.ts";
import { nativeKeys, randomSerials } from "../../provider/pki/openssl.ts";
import { printRunbook } from "../../provider/reconcile/print.ts";
import { bringUp, lookAround, type Operation, type OperationResult } from "../../provider/resources/operation.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { configOf, nodeWith, operationOn } from "../runs/operation-on.ts";

interface Measured {
  readonly wallMs: number;
  /** Of the whole process, the simulated machines included. On a busy computer it tells more than the wall clock. */
  readonly cpuMs: number;
}

/** The figures of one fleet. */
export interface FleetFigures {
  readonly nodes: number;
  readonly latencyMs: number;
  readonly create: Measured;
  readonly look: Measured;
  readonly noop: Measured;
  readonly upgrade: Measured;
  /** The most memory that the whole process had, the simulated machines included. */
  readonly rssMb: number;
  /** What is in use of it at the end, with the cluster and its simulated machines still there and all garbage collected. */
  readonly liveMb: number;
  /** While creating, on the node with most of them: how often the client had to wait for an answer before it went on. */
  readonly sequentialRoundTrips: number;
  /** The same on the node with fewest, which is a worker: what does not grow with the cluster. */
  readonly workerRoundTrips: number;
}

/**
 * Creates a cluster on simulated machines, looks at it, finds nothing to do, and upgrades it. Keys and certificates are
 * made before the clock starts.
 */
export async function timeFleet({ nodes, latencyMs }: { nodes: number; latencyMs: number }): Promise<FleetFigures> {
  const fleet = await aFleet({ nodes });
  fleet.latency(latencyMs);
  try {
    const before = configOf({ kubernetesVersion: "v1.31.4-rancher1-1", ...clusterOf(nodes) });
    const { bundle: certificates } = await issueBundle(pkiSubject(before.config), {
      clock: () => new Date(),
      serials: randomSerials(),
      keys: nativeKeys(),
    });
    const emit = () => undefined;
    const former = before.config.nodes;
    const first = operationOn(fleet, before, { certificates, emit });
    const later = operationOn(fleet, before, { certificates, former, emit });
    const after = configOf({ kubernetesVersion: "v1.32.2-rancher1-1", ...clusterOf(nodes) });
    const upgraded = operationOn(fleet, after, { certificates, former, emit });

    const create = await measured(() => mustDo(first, true));
    const [sequentialRoundTrips = 0, ...others] = turnsOf(fleet);
    const workerRoundTrips = others.at(-1) ?? sequentialRoundTrips;
    const look = await measured(() => lookAround(later));
    const noop = await measured(() => mustDo(later, false));
    const upgrade = await measured(() => mustDo(upgraded, true));
    fleet.invariants.assertHeld();
    const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    const liveMb = liveAfterCollection();
    return { nodes, latencyMs, create, look, noop, upgrade, rssMb, liveMb, sequentialRoundTrips, workerRoundTrips };
  } finally {
    await fleet.close();
  }
}

/** Three servers and workers; as many workers at a time as a person with so many would permit. */
function clusterOf(count: number): object {
  const nodes = Array.from({ length: count }, (_, index) =>
    nodeWith(index + 1, index < 3 ? ["etcd", "controlplane"] : ["worker"]),
  );
  return { upgradeStrategy: { maxUnavailableWorker: "10%" }, nodes };
}

async function mustDo(operation: Operation, isWork: boolean): Promise<OperationResult> {
  const result = await bringUp(operation);
  if (result.runbook.length > 0 !== isWork)
    throw new Error(`This is not what was expected:\n${printRunbook(result.runbook)}`);
  return result;
}

async function measured(deed: () => Promise<unknown>): Promise<Measured> {
  const startedAt = performance.now();
  const usedBefore = process.cpuUsage();
  await deed();
  const wallMs = Math.round(performance.now() - startedAt);
  const { user, system } = process.cpuUsage(usedBefore);
  return { wallMs, cpuMs: Math.round((user + system) / 1000) };
}

/** Needs --expose-gc. */
function liveAfterCollection(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / 2 ** 20);
}

/** How often the client spoke again after it had been spoken to, machine by machine; the most first. */
const turnsOf = ({ nodes }: Fleet): readonly number[] => nodes.map(({ ssh }) => ssh.counts.turns).sort((a, b) => b - a);
