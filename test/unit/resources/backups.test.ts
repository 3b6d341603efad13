import { describe, expect, it } from "vitest";

import type { ClusterFacts, ReachedNode } from "../../../provider/observed/facts.ts";
import { backupNotices } from "../../../provider/resources/backup-notices.ts";
import { backupsOf } from "../../../provider/resources/backups.ts";
import { aWorld, threeAndTwo, wanted } from "../../support/facts.ts";

type Snapshots = ReachedNode["snapshots"];

const SEEN = Date.parse("2026-11-21T08:00:00.000Z");
const HOUR_MS = 3_600_000;

interface Found {
  /** By the number of the node. */
  readonly snapshots: Readonly<Record<number, Snapshots>>;
  /** How long the containers that take them have run on each. */
  readonly runningForHours?: number;
}

/** Facts in which only these machines have told of their snapshots. */
async function factsWith({ snapshots, runningForHours = 1000 }: Found): Promise<ClusterFacts> {
  const { facts } = await aWorld({ args: { nodes: threeAndTwo } });
  const nodes = Object.fromEntries(
    Object.entries(facts.nodes).map(([address, node]) => {
      const own = snapshots[Number(address.split(".").at(-1))];
      if (node.status !== "reached") return [address, node];
      const containers = node.containers.map((one) =>
        one.name === "etcd-rolling-snapshots" ? { ...one, startedAtMs: SEEN - runningForHours * HOUR_MS } : one,
      );
      return [address, { ...node, containers, ...(own && { snapshots: own }) }];
    }),
  );
  return { ...facts, nodes, seenAt: new Date(SEEN).toISOString() };
}

/** A recurring snapshot of so many hours before the look. */
const ago = (hours: number, name = "2026-11-01T00:00:00Z_etcd.zip") => ({
  name,
  sizeBytes: 5,
  writtenAtMs: SEEN - hours * HOUR_MS,
});

const configWith = async (etcd: object = {}) => (await wanted({ nodes: threeAndTwo, services: { etcd } })).config;

describe("backupsOf()", () => {
  const nameOf = (address: string) => address.replace("10.0.0.", "vm-");

  it("lists what lies on machines with etcd, newest first, as a restore is asked for it", async () => {
    const facts = await factsWith({
      snapshots: { 1: [ago(3)], 2: [ago(1, "before.zip"), ago(5, "plain")], 4: [ago(2, "on a worker.zip")] },
    });

    expect(backupsOf(await configWith(), facts, { nameOf })).toEqual([
      { name: "before", node: "vm-2", sizeBytes: 5, takenAt: "2026-11-21T07:00:00.000Z" },
      { name: "2026-11-01T00:00:00Z_etcd", node: "vm-1", sizeBytes: 5, takenAt: "2026-11-21T05:00:00.000Z" },
      { name: "plain", node: "vm-2", sizeBytes: 5, takenAt: "2026-11-21T03:00:00.000Z" },
    ]);
  });

  it("says which of them are in the bucket, too, by their whole names", async () => {
    const facts = await factsWith({ snapshots: { 1: [ago(1, "a.zip"), ago(2, "a"), ago(3, "b.zip")] } });

    const backups = backupsOf(await configWith(), facts, { nameOf, inBucket: new Set(["a.zip", "b"]) });

    expect(backups.map(({ s3 }) => s3)).toEqual([true, undefined, undefined]);
  });

  it("lists the newest fifty", async () => {
    const many = Array.from({ length: 40 }, (_, index) => ago(index, `${index}.zip`));
    const facts = await factsWith({ snapshots: { 1: many, 2: many } });

    const names = backupsOf(await configWith(), facts, { nameOf }).map(({ name }) => Number(name));

    expect(names).toHaveLength(50);
    expect(Math.max(...names)).toBe(24);
  });
});

describe("backupNotices()", () => {
  const noticesFor = async (found: Found, etcd: object = {}) =>
    backupNotices(await configWith(etcd), await factsWith(found));

  it("says which is the newest, and how long there should have been none", async () => {
    const notices = await noticesFor({ snapshots: { 1: [ago(30), ago(90)], 2: [ago(40)] } });

    expect(notices).toEqual([
      "warning: the newest recurring snapshot of etcd that was seen is of 2026-11-20 02:00 UTC, and 12 h is the longest " +
        "that should lie between two. docker logs etcd-rolling-snapshots on a node with etcd tells why; pulumi refresh looks again",
    ]);
  });

  it("says that there is none, and since when there could be", async () => {
    const [notice] = await noticesFor({ snapshots: { 1: [] }, runningForHours: 48 });

    expect(notice).toContain(
      "no recurring snapshot of etcd was seen in /opt/rke/etcd-snapshots, although they have been taken since 2026-11-19 08:00 UTC",
    );
  });

  it.each<{ what: string; found: Found; etcd?: object }>([
    { what: "one member has a new one", found: { snapshots: { 1: [ago(90)], 2: [ago(20)] } } },
    { what: "none could be there yet", found: { snapshots: { 1: [] }, runningForHours: 20 } },
    {
      what: "the container was made anew and counts anew",
      found: { snapshots: { 1: [ago(30)] }, runningForHours: 10 },
    },
    { what: "nobody could look", found: { snapshots: {} } },
    { what: "none are wanted", found: { snapshots: { 1: [] } }, etcd: { snapshot: false } },
    { what: "they are switched off", found: { snapshots: { 1: [] } }, etcd: { backupConfig: { enabled: false } } },
    {
      what: "the interval is longer",
      found: { snapshots: { 1: [ago(90)] } },
      etcd: { backupConfig: { intervalHours: 48 } },
    },
    { what: "the older setting is longer", found: { snapshots: { 1: [ago(90)] } }, etcd: { creation: "48h" } },
    {
      what: "the schedule has a long pause",
      found: { snapshots: { 1: [ago(90)] } },
      etcd: { backupConfig: { schedule: "0 3 * * sun" } },
    },
  ])("is silent when $what", async ({ found, etcd }) => {
    expect(await noticesFor(found, etcd)).toEqual([]);
  });

  it.each<{ what: string; etcd: object }>([
    { what: "hours", etcd: { backupConfig: { intervalHours: 1 } } },
    { what: "the older setting", etcd: { creation: "30m" } },
    { what: "a schedule", etcd: { backupConfig: { schedule: "*/30 * * * *" } } },
  ])("goes by the interval in $what", async ({ etcd }) => {
    expect(await noticesFor({ snapshots: { 1: [ago(3)] } }, etcd)).toHaveLength(1);
  });

  it("takes a snapshot that somebody has asked for once for no recurring one", async () => {
    const others = [ago(1, "before-upgrade.zip"), ago(1, "pulumi-rke-before-change-2026-11-21T07-00-00Z")];

    expect(await noticesFor({ snapshots: { 1: [...others, ago(30, "2026-11-20T02-00-00Z_etcd.zip")] } })).toHaveLength(
      1,
    );
  });

  it("says nothing of a cluster that nobody has looked at", async () => {
    expect(backupNotices(await configWith(), undefined)).toEqual([]);
  });
});
