import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import { issueBundle } from "../../provider/pki/bundle.ts";
import { nativeKeys, randomSerials } from "../../provider/pki/openssl.ts";
import { bringUp, lookAround, type Operation, type OperationResult } from "../../provider/resources/operation.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import type { Trip } from "../fleet/trips.ts";
import { configOf, nodeWith, operationOn } from "../runs/operation-on.ts";

interface Measured {
  readonly wallMs: number;
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
  /** The longest chain of round trips on one node, each begun after the end of the one before, while creating. */
  readonly sequentialRoundTrips: number;
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
    const sequentialRoundTrips = longestChain(fleet);
    const look = await measured(() => lookAround(later));
    const noop = await measured(() => mustDo(later, false));
    const upgrade = await measured(() => mustDo(upgraded, true));
    fleet.invariants.assertHeld();
    const rssMb = Math.round(process.resourceUsage().maxRSS / 1024);
    return { nodes, latencyMs, create, look, noop, upgrade, rssMb, sequentialRoundTrips };
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
  if (result.runbook.length > 0 !== isWork) throw new Error(`There was ${isWork ? "nothing" : "something"} to do`);
  return result;
}

async function measured(deed: () => Promise<unknown>): Promise<Measured> {
  const startedAt = performance.now();
  await deed();
  return { wallMs: Math.round(performance.now() - startedAt) };
}

/** On each machine: how many of its round trips could be put one after another. */
function longestChain({ trips }: Fleet): number {
  const byNode = new Map<string, Trip[]>();
  for (const trip of trips.all) {
    const known = byNode.get(trip.node);
    if (known === undefined) byNode.set(trip.node, [trip]);
    else known.push(trip);
  }
  const lengths = [...byNode.values()].map((all) => {
    let length = 0;
    let freeAt = Number.NEGATIVE_INFINITY;
    for (const { startedAt, endedAt = startedAt } of all.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))) {
      if (startedAt < freeAt) continue;
      length++;
      freeAt = endedAt;
    }
    return length;
  });
  return Math.max(0, ...lengths);
}
