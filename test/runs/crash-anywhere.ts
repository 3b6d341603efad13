import { availableParallelism } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

import { specHashLabel } from "../../provider/desired/container-spec.ts";
import { lockName } from "../../provider/execute/lock-record.ts";
import { printRunbook } from "../../provider/reconcile/print.ts";
import { restoreMarkerPath } from "../../provider/steps/restore-marker.ts";
import type { Call } from "../fleet/faults.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { type Imprint, imprintOf } from "../fleet/imprint.ts";
import type { Machine } from "../fleet/machine.ts";
import { enter, play, type Scenario, type Stage, scenarios, staged } from "./scenarios.ts";

/** What came of killing the client at some points of a scenario. */
interface Crashes {
  /** How many mutating calls the scenario has; the client could die after any of them. */
  readonly points: number;
  /** How many of them were tried. */
  readonly tried: number;
  /** What did not hold, by the point after which it did not. */
  readonly failures: readonly string[];
}

/**
 * What machines are like when the client is killed after a mutating call is known from one run that is not: a client that is
 * killed does nothing any more. On a fleet of its own for each such call, a scenario is run again. There are two
 * thousand of them, so it is one of each kind, and some in between; `PULUMI_RKE_CRASH_EVERY=1` tries them all.
 */
async function crashAnywhere(scenario: Scenario): Promise<Crashes> {
  const before = await staged(scenario);
  const { end, deaths, stage } = await undisturbed(scenario, before);
  const points = deaths.length;
  const queue = chosen(deaths).values();
  const failures: string[] = [];
  let tried = 0;
  const worker = async (): Promise<void> => {
    for (const point of queue) {
      tried++;
      const { node, what, imprint } = deaths[point - 1] as Death;
      const found = await runAgain(scenario, { ...stage, imprint }, end).catch((error: Error) => [error.message]);
      const after = `call ${point} of ${points}, ${what} on ${node}`;
      if (found.length > 0) failures.push(`killed after ${after}: ${found.join("; ")}`);
    }
  };
  // What waits leaves the processor to the others.
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
  return { points, tried, failures };
}

/**
 * The points that are tried, counted from 1: for each kind of call the one in the middle of its kind, where some machines have it
 * behind them and others do not; then others, evenly, up to a number; and always the last.
 */
function chosen(calls: readonly Call[]): readonly number[] {
  const all = calls.map((_, index) => index + 1);
  const every = process.env.PULUMI_RKE_CRASH_EVERY;
  if (every !== undefined) return all.filter((point) => (point - 1) % Number(every) === 0 || point === calls.length);
  const kinds = calls.map(kindOf);
  const inTheMiddle = [...new Set(kinds)].map((kind) => {
    const points = all.filter((point) => kinds[point - 1] === kind);
    return points[Math.floor(points.length / 2)];
  });
  const picked = new Set([...inTheMiddle, all.at(-1)]);
  const others = all.filter((point) => !picked.has(point));
  const places = Array.from({ length: Math.max(0, ENOUGH_POINTS - picked.size) }, (_, place) => place);
  for (const place of places) picked.add(others[Math.floor((place * others.length) / places.length)]);
  return all.filter((point) => picked.has(point));
}

const ENOUGH_POINTS = 24;

/** What is asked, wherever and of whichever container, node or object with a name made up for it. */
const kindOf = ({ layer, what }: Call): string =>
  `${layer} ${what.replace(/\?.*/, "").replaceAll(/[0-9a-f]{64}|node-\d+|[0-9a-f-]{20,}/g, "…")}`;

/** A call that changes something, and what all is like when it is done and not answered. */
interface Death extends Call {
  readonly imprint: Imprint;
}

interface Course {
  readonly end: object;
  readonly deaths: readonly Death[];
  /** As it was before, with the certificates that are wanted already issued: that is no part of a run. */
  readonly stage: Stage;
}

async function undisturbed(scenario: Scenario, before: Stage): Promise<Course> {
  const { fleet, cluster } = await enter(before, scenario);
  try {
    const deaths: Death[] = [];
    fleet.faults.onMutation((call) => deaths.push({ ...call, imprint: imprintOf(fleet) }));
    await play(cluster, scenario);
    fleet.invariants.assertHeld();
    const certificates = await cluster.certificates();
    return { end: endOf(fleet), deaths, stage: { ...before, applied: { ...before.applied, certificates } } };
  } finally {
    await fleet.close();
  }
}

async function runAgain(scenario: Scenario, stage: Stage, end: object): Promise<readonly string[]> {
  const { fleet, cluster } = await enter(stage, scenario);
  try {
    const locks = fleet.nodes.filter(({ machine }) => machine.find(lockName) !== undefined).length;
    const { runbook, facts } = await play(cluster, scenario);
    const isResumed = cluster.events.some((event) => event.kind === "notice" && event.text.startsWith("resuming run"));
    const again = scenario.after === undefined ? [] : await cluster.preview(facts);
    const reached = endOf(fleet);
    return [
      ...(isDeepStrictEqual(reached, end) ? [] : [difference(reached, end)]),
      ...fleet.invariants.violations.map(({ invariant, because }) => `${invariant}: ${because}`),
      ...(again.length > 0 ? [`another run would have something to do: ${printRunbook(again)}`] : []),
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

/**
 * A test for each of the scenarios whose number leaves this rest. Each rest has a file, and so a process, of its own; more of them
 * than there are processors, so that none of these is idle for long at the end.
 */
export function crashTests(rest: number, { of }: { readonly of: number }): void {
  const seen: Crashes[] = [];
  afterAll(() => process.stdout.write(`${summary(seen)}\n`));

  describe("bringUp() and bringDown(), killed anywhere and run again", () => {
    const some = scenarios.filter((_, index) => index % of === rest);

    it.each(some)("reach the same end: $name", { timeout: 3_600_000 }, async (scenario) => {
      const crashes = await crashAnywhere(scenario);

      seen.push(crashes);
      expect(crashes.failures).toEqual([]);
    });
  });
}

/** `scenarios × crash points`, and how many of those were tried and held. */
function summary(all: readonly Crashes[]): string {
  const sum = (of: (crashes: Crashes) => number) => all.reduce((total, crashes) => total + of(crashes), 0);
  const [tried, held] = [sum((one) => one.tried), sum((one) => one.tried - one.failures.length)];
  const points = sum((crashes) => crashes.points);
  return `crash anywhere: ${all.length} scenarios × ${points} crash points; tried ${tried}, held ${held}`;
}
