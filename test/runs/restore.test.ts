import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { printRunbook } from "../../provider/reconcile/print.ts";
import type { Operation } from "../../provider/resources/operation.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { anS3Server } from "../fleet/s3-server.ts";
import { takeSnapshot } from "../fleet/snapshot.ts";
import { Cluster } from "./cluster.ts";
import { nodeWith, type Roles } from "./operation-on.ts";
import { archiveOfRke, asked, fetched, objectsIn, put, remove, servingEtcd, snapshotOf } from "./snapshots.ts";
import { refusalOf, unplug } from "./unlucky.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

const all: Roles = ["etcd", "controlplane", "worker"];
const one = { nodes: [nodeWith(1, all)] };
const three = { nodes: [nodeWith(1, all), nodeWith(2, all), nodeWith(3, all)] };
const order = { name: "before", isDone: false };
const restored = { kept: true, late: false };
const unrestored = { kept: false, late: true };
const inSnapshots = (file: string) => `/opt/rke/etcd-snapshots/${file}`;

/** A cluster to which something has happened since a snapshot was taken. */
async function aCluster(args: { nodes: readonly object[] }, machines = args.nodes.length) {
  fleet = await aFleet({ nodes: machines });
  const cluster = new Cluster(fleet, args);
  await cluster.up();
  put(fleet, "kept");
  const snapshot = snapshotOf(fleet, "before");
  const database = takeSnapshot(servingEtcd(fleet));
  const archive = archiveOfRke(fleet, "before", await cluster.certificates());
  put(fleet, "late");
  remove(fleet, "kept");
  fleet.journal.events.length = 0;
  const disk = (name: string) => fleet.node(name).machine.disk;
  return { cluster, snapshot, database, archive, disk };
}

/** Names of containers that a client has stopped or removed. */
const stopped = (): readonly string[] =>
  fleet.journal.events
    .filter(({ kind, what, by }) => by === "client" && kind === "container stopped" && !what.startsWith("pulumi-rke-"))
    .map(({ what }) => what);

describe("bringUp() with a snapshot to restore", () => {
  it("goes back to what there was, does so once, and removes the old data when nobody asks for it any more", async () => {
    const { cluster, snapshot, disk } = await aCluster(three);
    const kept = () => disk("node-2").list("/var/lib/etcd/.pulumi-rke-restore").length;

    await cluster.up({ restore: order, snapshot: async () => fetched(snapshot) });
    put(fleet, "late");
    const again = await cluster.up({ restore: order, snapshot: nobodyAsks });

    expect(printRunbook(again.runbook)).toBe("Nothing to do\n");
    expect(objectsIn(fleet)).toEqual({ kept: true, late: true });
    expect(kept()).toBeGreaterThan(0);
    await cluster.up();
    expect(kept()).toBe(0);
    expect(printRunbook((await cluster.up()).runbook)).toBe("Nothing to do\n");
    fleet.invariants.assertHeld();
  });

  it("can restore the same snapshot another time, after the program had none", async () => {
    const { cluster, snapshot } = await aCluster(one);
    const restore = { restore: order, snapshot: async () => fetched(snapshot) };
    await cluster.up(restore);
    await cluster.up();
    put(fleet, "late");

    await cluster.up(restore);

    expect(objectsIn(fleet)).toEqual(restored);
  });

  it("finds a snapshot of rke on the machine that took it, and knows it by its CA", async () => {
    const { cluster, archive, disk } = await aCluster(three);
    disk("node-3").write(inSnapshots("before.zip"), archive, 0o600);
    cluster.restore = await asked(cluster, { name: "before" }, three);

    await cluster.up();

    expect(objectsIn(fleet)).toEqual(restored);
    expect(cluster.events).not.toContainEqual(
      expect.objectContaining({ text: expect.stringContaining("does not say") }),
    );
  });

  it("takes a plain database, and says that it does not tell whose it is", async () => {
    const { cluster, database, disk } = await aCluster(one);
    disk("node-1").write(inSnapshots("before"), database, 0o600);
    cluster.restore = await asked(cluster, { name: "before", storage: { nodes: true } }, one);

    await cluster.up();

    expect(objectsIn(fleet)).toEqual(restored);
    expect(cluster.events).toContainEqual({
      kind: "notice",
      text: 'the snapshot "before" does not say of which cluster it is; nobody has checked that',
    });
  });

  it("fetches from a folder of this machine, and leaves nothing behind", async () => {
    const { cluster, archive } = await aCluster(one);
    const folder = await aFolder();
    await writeFile(join(folder, "before.zip"), archive);
    cluster.restore = await asked(cluster, { name: "before", storage: { folder } }, one);
    vi.stubEnv("TMPDIR", await aFolder());
    onTestFinished(() => void vi.unstubAllEnvs());

    await cluster.up();

    expect(objectsIn(fleet)).toEqual(restored);
    expect(await readdir(tmpdir())).toEqual([]);
  });

  it.each([
    { name: "across a connection that breaks halfway", how: { half: "reset" } as const },
    { name: "that is slow to answer", how: { delayMs: 500 } },
    { name: "whose clock is hours away", clockOffsetMs: 5 * 3_600_000 },
  ])("fetches from a bucket $name", async ({ how, clockOffsetMs }) => {
    const { cluster, archive } = await aCluster(one);
    const { server, storage } = await aBucket({ clockOffsetMs });
    server.put("backups/prod/before.zip", archive);
    if (how !== undefined) server.fault({ when: /^GET .*before\.zip/, how });
    cluster.restore = await asked(cluster, { name: "before", storage }, one);

    await cluster.up();

    expect(objectsIn(fleet)).toEqual(restored);
  });

  it("brings a cluster back of which all machines are lost", async () => {
    const { cluster, snapshot } = await aCluster(three, 4);
    for (const name of ["node-1", "node-2", "node-3"]) unplug(fleet, name);
    cluster.want({ nodes: [nodeWith(4, all)] });

    await cluster.up({ restore: order, snapshot: async () => fetched(snapshot) });

    expect(objectsIn(fleet)).toEqual(restored);
    const nodes = [...servingEtcd(fleet).store.keys()].filter((key) => key.startsWith("/registry/nodes/"));
    expect(nodes).toEqual(["/registry/nodes/node-4"]);
    expect(printRunbook((await cluster.up({ restore: order })).runbook)).toBe("Nothing to do\n");
  });
});

describe("bringUp() with a snapshot that cannot be restored", () => {
  it.each<{ name: string; snapshot: () => Promise<never>; said: string }>([
    {
      name: "it is not to be had",
      snapshot: failing("there is none of this name"),
      said: "there is none of this name",
    },
    {
      name: "it is of another cluster",
      snapshot: failing("it is of another cluster"),
      said: "it is of another cluster",
    },
  ])("stops nothing when $name", async ({ snapshot, said }) => {
    const { cluster } = await aCluster(three);

    const refusal = await refusalOf(cluster, { restore: order, snapshot });

    expect(refusal).toContain(said);
    expect(stopped()).toEqual([]);
    expect(objectsIn(fleet)).toEqual(unrestored);
    expect(printRunbook((await cluster.up()).runbook)).toBe("Nothing to do\n");
  });

  it("stops nothing when the file is damaged", async () => {
    const { cluster, archive } = await aCluster(one);
    const folder = await aFolder();
    const damaged = Buffer.from(archive);
    damaged.writeUInt8((damaged[200] ?? 0) ^ 0xff, 200);
    await writeFile(join(folder, "before.zip"), damaged);
    cluster.restore = await asked(cluster, { name: "before", storage: { folder } }, one);

    const refusal = await refusalOf(cluster);

    expect(refusal).toContain(`Cannot read the snapshot in "before.zip" in ${folder}`);
    expect(stopped()).toEqual([]);
  });

  it("names all places in which it has looked", async () => {
    const { cluster } = await aCluster(one);
    const { server, storage } = await aBucket({ https: true });
    const s3BackupConfig = { ...storage.s3, endpoint: new URL(server.endpoint).host, region: "", customCa: server.ca };
    const args = { ...one, services: { etcd: { backupConfig: { s3BackupConfig } } } };
    cluster.restore = await asked(cluster, { name: "before" }, args);

    expect(await refusalOf(cluster)).toMatch(
      /there is none of this name in s3:\/\/backups\/prod, \/opt\/rke\/etcd-snapshots on node-1/,
    );
  });

  it("says so when the keys of the bucket are wrong", async () => {
    const { cluster } = await aCluster(one);
    const { storage } = await aBucket();
    const s3 = { ...storage.s3, secretKey: "wrong" };
    cluster.restore = await asked(cluster, { name: "before", storage: { s3 } }, one);

    expect(await refusalOf(cluster)).toMatch(/key/i);
    expect(stopped()).toEqual([]);
  });

  it("stops nothing when a machine has no room for it", async () => {
    const { cluster, snapshot, disk } = await aCluster(three);
    disk("node-2").sizeBytes = disk("node-2").usedBytes + 10 * 2 ** 20;

    const waived = ["disk-space"];
    const refusal = await refusalOf(cluster, { restore: order, snapshot: async () => fetched(snapshot), waived });

    expect(refusal).toMatch(/node-2 .*\/var\/lib\/etcd has 10 MB left, and 128 MB are needed for a while/);
    expect(stopped()).toEqual([]);
    await cluster.up({ waived });
    expect(disk("node-1").list("/var/lib/etcd/.pulumi-rke-restore")).toEqual([]);
  });

  it("stops nothing when etcd's own tool finds other data than the manifest", async () => {
    const { cluster, snapshot } = await aCluster(one);
    const other = { ...snapshot, revision: 1 };

    const refusal = await refusalOf(cluster, { restore: order, snapshot: async () => fetched(other) });

    expect(refusal).toContain("the manifest says");
    expect(stopped()).toEqual([]);
  });
});

describe("bringUp() after a restore that has come halfway", () => {
  const halfway = async () => {
    const world = await aCluster(three);
    const heal = fleet.faults.refuse(500, "no", { node: "node-3", what: /^POST \/containers\/etcd\/start/ });
    const restore: Partial<Operation> = { restore: order, snapshot: async () => fetched(world.snapshot) };
    await refusalOf(world.cluster, restore);
    heal();
    return { ...world, restore };
  };

  it("goes on to its end without the snapshot", async () => {
    const { cluster, restore } = await halfway();

    await cluster.up({ ...restore, snapshot: nobodyAsks });

    expect(objectsIn(fleet)).toEqual(restored);
    fleet.invariants.assertHeld();
  });

  it("goes back to where it was when the restore is taken out of the program", async () => {
    const { cluster, disk } = await halfway();

    await cluster.up();

    expect(objectsIn(fleet)).toEqual(unrestored);
    expect(disk("node-1").list("/var/lib/etcd/.pulumi-rke-restore")).toEqual([]);
    expect(printRunbook((await cluster.up()).runbook)).toBe("Nothing to do\n");
    fleet.invariants.assertHeld();
  });

  it("does not mix it with another one", async () => {
    const { cluster, snapshot } = await halfway();
    const other = { restore: { name: "another", isDone: false }, snapshot: async () => fetched(snapshot) };

    expect(await refusalOf(cluster, other)).toMatch(/the restore of "before" was begun and did not come to its end/);
  });
});

const nobodyAsks = (): Promise<never> => Promise.reject(new Error("Nobody should ask for the snapshot"));

function failing(because: string): () => Promise<never> {
  return () => Promise.reject(new Error(because));
}

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pulumi-rke-snapshots-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

async function aBucket({ https = false, clockOffsetMs = 0 } = {}) {
  const server = await anS3Server({ https, clockOffsetMs, buckets: ["backups"], keys: { access: "secret" } });
  onTestFinished(() => server.close());
  const s3 = {
    bucketName: "backups",
    folder: "prod",
    endpoint: server.endpoint,
    accessKey: "access",
    secretKey: "secret",
  };
  return { server, storage: { s3 } };
}
