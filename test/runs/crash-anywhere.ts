import { availableParallelism } from "node:os";
import { isDeepStrictEqual } from "node:util";

import { specHashLabel } from "../../provider/desired/container-spec.ts";
import { lockName } from "../../provider/execute/lock-record.ts";
import { printRunbook } from "../../provider/reconcile/print.ts";
import { restoreMarkerPath } from "../../provider/steps/restore-marker.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Machine } from "../fleet/machine.ts";
import { enter, play, type Scenario, type Stage, staged } from "./scenarios.ts";

/** What came of killing the client at some points of a scenario. */
export interface Crashes {
  /** How many mutating calls the scenario has; the client could die after any of them. */
  readonly points: number;
  /** How many of them were tried. */
  readonly tried: number;
  readonly every: number;
  /** What did not hold, by the point after which it did not. */
  readonly failures: readonly string[];
}

/**
 * Kills the client after mutating calls of a scenario, each time on a fleet of its own, and runs it again. All of them
 * take a quarter of an hour, so it is every k-th, where k follows from how many there are;
 * `PULUMI_RKE_CRASH_EVERY=1` tries them all.
 */
export async function crashAnywhere(scenario: Scenario): Promise<Crashes> {
  const before = await staged(scenario);
  const { end, points, stage } = await undisturbed(scenario, before);
  const every = Number(process.env.PULUMI_RKE_CRASH_EVERY ?? Math.ceil(points / MOST_POINTS));
  const queue = Array.from({ length: points }, (_, index) => index + 1)
    .filter((point) => (point - 1) % every === 0 || point === points)
    .values();
  const failures: string[] = [];
  let tried = 0;
  const worker = async (): Promise<void> => {
    for (const point of queue) {
      tried++;
      const found = await crashAt(point, { scenario, stage, end }).catch((error: Error) => [error.message]);
      if (found.length > 0) failures.push(`killed after call ${point} of ${points}: ${found.join("; ")}`);
    }
  };
  // What waits leaves the processor to the others.
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return { points, tried, every, failures };
}

const MOST_POINTS = 40;

interface Course {
  readonly end: object;
  readonly points: number;
  /** As it was before, with the certificates that are wanted already issued: that is no part of a run. */
  readonly stage: Stage;
}

async function undisturbed(scenario: Scenario, before: Stage): Promise<Course> {
  const { fleet, cluster } = await enter(before, scenario);
  try {
    const mutations = Number.MAX_SAFE_INTEGER;
    fleet.faults.dieAfter(mutations);
    await play(cluster, scenario);
    const points = mutations - fleet.faults.mutationsLeft;
    const certificates = await cluster.certificates();
    return { end: endOf(fleet), points, stage: { ...before, applied: { ...before.applied, certificates } } };
  } finally {
    await fleet.close();
  }
}

async function crashAt(
  point: number,
  { scenario, stage, end }: { readonly scenario: Scenario; readonly stage: Stage; readonly end: object },
): Promise<readonly string[]> {
  const { fleet, cluster } = await enter(stage, scenario);
  try {
    const life = new AbortController();
    fleet.faults.dieAfter(point, () => life.abort());
    const ended = await play(cluster, scenario, life.signal).then(
      () => true,
      () => false,
    );
    // The journal is written as time permits, so that not every run has as many calls.
    if (ended && !fleet.faults.isDead) return [];
    const locks = fleet.nodes.filter(({ machine }) => machine.find(lockName) !== undefined).length;
    fleet.revive();
    cluster.events.length = 0;

    const { runbook, facts } = await play(cluster, scenario);
    const isResumed = cluster.events.some((event) => event.kind === "notice" && event.text.startsWith("resuming run"));
    const again = scenario.after === undefined ? [] : await cluster.preview(facts);
    const reached = endOf(fleet);
    return [
      ...(isDeepStrictEqual(reached, end) ? [] : [difference(reached, end)]),
      ...fleet.invariants.violations.map(({ invariant, because }) => `${invariant}: ${because}`),
      ...(again.length > 0 ? [`a third run would have something to do: ${printRunbook(again)}`] : []),
      ...(locks > 0 && runbook.length > 0 && !isResumed ? ["nobody said that a run is resumed"] : []),
    ];
  } finally {
    await fleet.close();
  }
}

/** What is the same however a run came about: containers, files, members of etcd, and the objects of the API. */
function endOf({ nodes, world }: Fleet): object {
  const machines = nodes.map(({ machine }) => ({
    name: machine.name,
    containers: [...machine.containers.values()]
      .map(({ name, status, spec }) => `${name} ${status} ${spec.Labels?.[specHashLabel] ?? "without hash"}`)
      .sort(),
    files: machine.disk
      .list("/")
      .filter((path) => path.startsWith("/etc/kubernetes/") && !/\/\.pulumi-rke(-restore)?\.json$/.test(path))
      .map((path) => `${path} ${machine.disk.mode(path)} ${machine.disk.read(path)?.toString("base64")}`)
      .sort(),
    restore: restoreOn(machine),
  }));
  const etcd = [...world.etcdClusters.values()]
    .filter(({ running }) => running.size > 0)
    .map(({ members, store }) => ({
      members: [...members.values()].map(({ name, peerURLs, isLearner }) => ({ name, peerURLs, isLearner })),
      objects: [...store]
        .filter(([key]) => !/\/(leases|pods)\//.test(key))
        .map(([key, { value }]) => [key, lasting(value)]),
    }))
    .map(({ members, objects }) => ({
      members: members.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      objects: Object.fromEntries(objects.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1))),
    }));
  return { machines, etcd };
}

/** What a machine notes of a restore, but for the time, and what it keeps because of it. */
function restoreOn({ disk }: Machine): readonly string[] {
  const { at: _, ...marker } = JSON.parse(disk.read(restoreMarkerPath)?.toString("utf8") ?? "{}") as { at?: string };
  const kept = disk.list("/var/lib/etcd/.pulumi-rke-restore").filter((path) => !path.endsWith("/.empty"));
  return [JSON.stringify(marker), ...kept.toSorted()];
}

const fleeting = new Set(["uid", "generation", "creationTimestamp", "resourceVersion", "changedAt", "managedFields"]);

/** Without what counts how often and when. */
function lasting(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lasting);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !fleeting.has(key))
      .map(([key, inner]) => [key, lasting(inner)]),
  );
}

/** The lines in which two ends differ, short enough to read. */
function difference(reached: object, wanted: object): string {
  const lines = (end: object) => JSON.stringify(end, undefined, 1).split("\n");
  const there = new Set(lines(reached));
  const due = new Set(lines(wanted));
  const only = (from: Set<string>, other: Set<string>, sign: string) =>
    [...from].filter((line) => !other.has(line)).map((line) => `${sign}${line.trim().slice(0, 160)}`);
  const all = [...only(there, due, "+"), ...only(due, there, "-")];
  return `another end: ${all.slice(0, 12).join("  ")}`;
}

/** `scenarios × crash points`, and how many of those were tried and held. */
export function summary(all: readonly Crashes[]): string {
  const sum = (of: (crashes: Crashes) => number) => all.reduce((total, crashes) => total + of(crashes), 0);
  const [tried, held] = [sum((one) => one.tried), sum((one) => one.tried - one.failures.length)];
  const widest = Math.max(...all.map(({ every }) => every));
  const which = widest === 1 ? "every point" : `every point, or every k-th with k up to ${widest}`;
  return `crash anywhere: ${all.length} scenarios × ${sum(({ points }) => points)} crash points; tried ${tried} (${which}), held ${held}`;
}
