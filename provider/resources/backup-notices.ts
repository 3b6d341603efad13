import type { ClusterConfig } from "../config/cluster-config.ts";
import { longestGapMs, readCron } from "../config/cron.ts";
import { takesSnapshots } from "../desired/services/etcd-rolling-snapshots.ts";
import type { ClusterFacts } from "../observed/facts.ts";
import { snapshotFolder } from "../snapshots/manifest.ts";
import { durationMs } from "./duration.ts";

/**
 * What a preview says when recurring snapshots have stopped: the newest is older than twice the time between two, or there
 * is none although they have been taken for so long. By the time of the last look: what was not looked at may be well.
 */
export function backupNotices(config: ClusterConfig, facts: ClusterFacts | undefined): readonly string[] {
  const gapMs = gapOf(config);
  const seen = machinesIn(config, facts);
  if (facts === undefined || gapMs === undefined || seen.length === 0) return [];
  const newestMs = latest(seen.flatMap(({ takenAtMs }) => takenAtMs));
  // A container that was made anew begins to count anew.
  const runningSinceMs = earliest(seen.flatMap(({ runningSinceMs }) => runningSinceMs));
  const sinceMs = latest([newestMs, runningSinceMs].filter((time) => time !== undefined));
  if (sinceMs === undefined || Date.parse(facts.seenAt) - sinceMs <= 2 * gapMs) return [];
  const state =
    newestMs === undefined
      ? `no recurring snapshot of etcd was seen in ${snapshotFolder}, although they have been taken since ${timeText(sinceMs)}`
      : `the newest recurring snapshot of etcd that was seen is of ${timeText(newestMs)}`;
  return [
    `warning: ${state}, and ${gapText(gapMs)} is the longest that should lie between two. ` +
      "docker logs etcd-rolling-snapshots on a node with etcd tells why; pulumi refresh looks again",
  ];
}

/** The longest time between two snapshots that are as they should be; undefined where none are wanted. */
function gapOf(config: ClusterConfig): number | undefined {
  if (!takesSnapshots(config)) return undefined;
  const { backupConfig, creation = "" } = config.services.etcd;
  if (backupConfig === undefined) return durationMs(creation);
  const reading = backupConfig.schedule ? readCron(backupConfig.schedule) : undefined;
  if (reading !== undefined) return reading.ok ? longestGapMs(reading.times) : undefined;
  return (backupConfig.intervalHours ?? 0) * 3_600_000 || undefined;
}

interface Machine {
  readonly takenAtMs: readonly number[];
  readonly runningSinceMs: readonly number[];
}

/** The machines with etcd of which the snapshots are known. */
function machinesIn({ nodes }: ClusterConfig, facts: ClusterFacts | undefined): readonly Machine[] {
  const members = nodes.filter(({ role }) => role.includes("etcd"));
  return members.flatMap(({ address }) => {
    const seen = facts?.nodes[address];
    if (seen?.status !== "reached" || seen.snapshots === undefined) return [];
    const container = seen.containers.find(({ name }) => name === "etcd-rolling-snapshots");
    return [
      {
        takenAtMs: seen.snapshots.filter(({ name }) => recurring.test(name)).map(({ writtenAtMs }) => writtenAtMs),
        runningSinceMs: container?.startedAtMs === undefined ? [] : [container.startedAtMs],
      },
    ];
  });
}

/** How RKE's tool, and our schedule, call what they take again and again. */
const recurring = /^\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\dZ_etcd\.zip$/;

const latest = (times: readonly number[]): number | undefined => (times.length === 0 ? undefined : Math.max(...times));
const earliest = (times: readonly number[]): number | undefined =>
  times.length === 0 ? undefined : Math.min(...times);

/** `24 h`, `30 min`. */
const gapText = (ms: number): string => (ms < 3_600_000 ? `${ms / 60_000} min` : `${Math.round(ms / 3_600_000)} h`);

/** `2026-11-21 03:00 UTC`. */
const timeText = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
