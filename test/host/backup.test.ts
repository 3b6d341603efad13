import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { unknownValue } from "../../provider/config/unknowns.ts";
import { lockName } from "../../provider/execute/lock-record.ts";
import { Secret } from "../../provider/secrets.ts";
import { openArchive } from "../../provider/snapshots/archive.ts";
import { snapshotFolder } from "../../provider/snapshots/manifest.ts";
import { helperLabel } from "../../provider/steps/our-containers.ts";
import { unfinishedSnapshot } from "../../provider/steps/snapshot-files.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { aBackedUpCluster, aFolder, Backup } from "./backup-on-fleet.ts";
import { all } from "./on-fleet.ts";

const three = [all, all, all];

/** The files in the folder of snapshots of each machine. */
const onMachines = (fleet: Fleet): readonly (readonly string[])[] =>
  fleet.nodes.map(({ machine }) =>
    machine.disk.list(snapshotFolder).map((path) => path.slice(snapshotFolder.length + 1)),
  );

/** Containers of a moment that are still there, and locks. */
const leftOver = (fleet: Fleet): readonly string[] =>
  fleet.nodes.flatMap(({ machine }) =>
    [...machine.containers.values()]
      .filter(({ name, spec }) => name === lockName || spec.Labels?.[helperLabel] !== undefined)
      .map(({ name }) => `${machine.name} ${name}`),
  );

const archivesIn = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.endsWith(".zip"));

describe("EtcdBackup, creating", () => {
  it("takes a snapshot of a member that is not the leader, and stores it in all places", async () => {
    const { fleet, inputs } = await aBackedUpCluster(three);
    const folder = aFolder();
    const backup = new Backup();

    await backup.up(inputs({ storage: { nodes: true, folder } }));

    const { name, locations, sizeBytes } = backup.outputs;
    expect(name).toMatch(/^nightly-\d{8}T\d{6}Z$/);
    const onNode = (n: number) => ({ kind: "node", node: `node-${n}`, address: `10.0.0.${n}` });
    const path = `${snapshotFolder}/${name}.zip`;
    expect(locations).toEqual([
      { kind: "folder", path: join(folder, `${name}.zip`), sizeBytes },
      ...[1, 2, 3].map((n) => ({ ...onNode(n), path, sizeBytes })),
    ]);
    expect(onMachines(fleet)).toEqual([[`${name}.zip`], [`${name}.zip`], [`${name}.zip`]]);
    expect(fleet.node("node-3").machine.disk.mode(path)).toBe(0o600);
    expect(backup.printed()).toContain("which is not the leader");
    expect(leftOver(fleet)).toEqual([]);
    fleet.invariants.assertHeld();
  });

  it("stores what can be restored: a database that is whole, and what is known of it", async () => {
    const { fleet, cluster, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const backup = new Backup();

    await backup.up(inputs({ snapshotName: "before-upgrade", storage: { folder } }));

    const file = join(folder, "before-upgrade.zip");
    const archive = await openArchive(file);
    await archive.verify();
    await archive.close();
    const [etcd] = fleet.world.etcdClusters.values();
    expect(archive.manifest).toMatchObject({
      name: "before-upgrade",
      clusterId: cluster.state.clusterId,
      clusterName: "local",
      kubernetesVersion: "v1.31.4-rancher1-1",
      etcdVersion: "3.5.15",
      totalKeys: etcd?.store.size,
      state: "none",
    });
    expect(backup.outputs).toMatchObject({
      name: "before-upgrade",
      totalKeys: etcd?.store.size,
      revision: archive.manifest?.revision,
      sizeBytes: statSync(file).size,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("takes the state of the cluster along when asked to, and only so that the passphrase opens it", async () => {
    const { cluster, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const passphrase = "correct horse battery staple";
    const { rkeState } = cluster.state;

    const encrypted = { snapshotName: "one", state: "encrypted", secrets: { passphrase }, storage: { folder } };
    await new Backup().up(inputs({ ...encrypted, rkeState }));
    await new Backup().up(inputs({ snapshotName: "two", state: "plain", storage: { folder }, rkeState }));

    const [one, two] = [await openArchive(join(folder, "one.zip")), await openArchive(join(folder, "two.zip"))];
    expect([one.stateForm, two.stateForm]).toEqual(["encrypted", "plain"]);
    expect((await one.state(new Secret(passphrase)))?.unwrap()).toBe(rkeState);
    await expect(one.state(new Secret("another"))).rejects.toThrow();
    expect((await two.state())?.unwrap()).toBe(rkeState);
    expect(readFileSync(join(folder, "one.zip")).includes("certificatesBundle")).toBe(false);
    await Promise.all([one.close(), two.close()]);
  });

  it("takes it from the leader where there is no other", async () => {
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();

    await backup.up(inputs({ storage: { folder: aFolder() } }));

    expect(backup.printed()).toContain("taken from node-1 (10.0.0.1)\n");
  });

  it("does without a member that is down, and names it", async () => {
    const { fleet, inputs } = await aBackedUpCluster(three);
    fleet.invariants.suspend("control plane");
    fleet.invariants.suspend("workers");
    fleet.powerOff("node-2");
    fleet.node("node-2").ssh.faults.onConnect = "close";
    const backup = new Backup();

    await backup.up(inputs({ storage: { nodes: true } }));

    expect(backup.printed()).toContain("node-2 (10.0.0.2) does not answer");
    expect(backup.outputs.locations.map((one) => one.kind === "node" && one.node)).toEqual(["node-1", "node-3"]);
  });

  it("takes none when no member is fit, and says why of each", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    fleet.invariants.suspend("quorum");
    const { machine } = fleet.node("node-1");
    machine.find("etcd")?.stop();
    const folder = aFolder();
    const backup = new Backup();

    await expect(backup.up(inputs({ storage: { folder } }))).rejects.toThrow("no member of etcd answers");

    expect(backup.id).toBe("");
    expect(archivesIn(folder)).toEqual([]);
    expect(leftOver(fleet)).toEqual([]);
  });

  it("touches no machine when a place cannot be written", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const before = fleet.journal.events.length;
    const file = join(aFolder(), "file");
    writeFileSync(file, "");
    const backup = new Backup();

    await expect(backup.up(inputs({ storage: { folder: file, nodes: true } }))).rejects.toMatchObject({
      code: "storage",
    });

    expect(fleet.journal.events.slice(before)).toEqual([]);
  });

  it("never replaces a snapshot of the same name", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    writeFileSync(join(folder, "prod.zip"), "of somebody else");
    fleet.node("node-1").machine.disk.write(`${snapshotFolder}/staging.zip`, "of somebody else");

    const inFolder = new Backup().up(inputs({ snapshotName: "prod", storage: { folder } }));
    const onNode = new Backup().up(inputs({ snapshotName: "staging", storage: { nodes: true } }));

    await expect(inFolder).rejects.toThrow("another snapshot of that name is there, and none is ever replaced");
    await expect(onNode).rejects.toThrow("another snapshot of that name is there, and none is ever replaced");
    expect(readFileSync(join(folder, "prod.zip"), "utf8")).toBe("of somebody else");
    expect(onMachines(fleet)).toEqual([["staging.zip"]]);
  });

  it("refuses to begin where the disk of a machine has no room", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    fleet.node("node-1").machine.disk.full = true;
    const backup = new Backup();

    await expect(backup.up(inputs({ storage: { folder } }))).rejects.toThrow(/no space left|has 0 kB free/);

    fleet.node("node-1").machine.disk.full = false;
    expect([archivesIn(folder), leftOver(fleet), onMachines(fleet)]).toEqual([[], [], [[]]]);
  });

  it("does not keep a snapshot that changed on its way", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const { disk } = fleet.node("node-1").machine;
    let isDone = false;
    const stop = fleet.journal.onEvent(({ kind, what }) => {
      if (kind !== "file written" || !what.endsWith("/.pulumi-rke-snapshot") || isDone) return;
      isDone = true;
      const content = Buffer.from(disk.read(what) ?? "");
      content[100] = (content[100] ?? 0) ^ 1;
      disk.write(what, content, 0o600);
    });
    const backup = new Backup();

    await expect(backup.up(inputs({ storage: { folder } }))).rejects.toMatchObject({ code: "etcd" });

    stop();
    expect(backup.id).toBe("");
    expect([readdirSync(folder), onMachines(fleet)]).toEqual([[], [[]]]);
  });

  it("keeps the copies that are there when another place fails, and finishes the rest the next time", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const wanted = inputs({ storage: { nodes: true, folder: aFolder() } });
    const { disk } = fleet.node("node-1").machine;
    const stop = fleet.journal.onEvent(({ kind, what }) => {
      if (kind === "file removed" && what.endsWith("/.pulumi-rke-snapshot")) disk.full = false;
      if (kind === "file written" && what.endsWith("/.pulumi-rke-upload")) disk.full = true;
    });
    const backup = new Backup();

    await expect(backup.up(wanted)).rejects.toThrow("no space left on device");

    stop();
    disk.full = false;
    expect(backup.outputs.locations.map(({ kind }) => kind)).toEqual(["folder"]);
    expect(backup.state.__provider).toBe("text");
    const { name, sha256 } = backup.outputs;
    const preview = await backup.preview(wanted);
    await backup.up(wanted);

    expect(preview).toMatchObject({ changes: true, replaces: [] });
    expect(preview.text).toContain(`copies ${name} to ${snapshotFolder}/${name}.zip on node-1`);
    expect(backup.outputs).toMatchObject({ name, sha256, locations: [{ kind: "folder" }, { kind: "node" }] });
    expect(await backup.preview(wanted)).toEqual({ changes: false, replaces: [], text: "" });
    expect(leftOver(fleet)).toEqual([]);
  });

  it("waits for its turn when two are taken of one cluster", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const backups = [new Backup(), new Backup(), new Backup()];
    const folder = aFolder();

    await Promise.all(backups.map((backup) => backup.up(inputs({ storage: { nodes: true, folder } }))));

    expect(archivesIn(folder)).toHaveLength(3);
    expect(onMachines(fleet)[0]).toHaveLength(3);
    expect(leftOver(fleet)).toEqual([]);
  });

  it("is kept out by a run on the same cluster that is still at work", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const { machine } = fleet.node("node-1");
    const labels = {
      "pulumi-rke.lock.holder": "another",
      "pulumi-rke.lock.owner": "alice@laptop, pid 4711",
      "pulumi-rke.lock.run-id": "x",
      "pulumi-rke.lock.verb": "up",
      "pulumi-rke.lock.expires-at": "2100-01-01T00:00:00Z",
    };
    machine.create({ name: lockName, spec: { Image: [...machine.images.keys()][0] ?? "", Labels: labels } });

    const failing = new Backup().up(inputs({ storage: { folder: aFolder() } }));

    await expect(failing).rejects.toMatchObject({ code: "unsafe" });
  });

  it("stops when it is told to, and leaves nothing", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const ctrlC = new AbortController();
    const stop = fleet.journal.onEvent(({ kind, what }) => {
      if (kind === "file written" && what.endsWith("/.pulumi-rke-snapshot")) ctrlC.abort(new Error("enough"));
    });
    const backup = new Backup();

    await expect(backup.up(inputs({ storage: { folder } }), { signal: ctrlC.signal })).rejects.toThrow("cancelled");

    stop();
    expect(backup.id).toBe("");
    expect([readdirSync(folder), onMachines(fleet), leftOver(fleet)]).toEqual([[], [[]], []]);
  });

  it("prints no secret and keeps none in the open", async () => {
    const { fleet, cluster, inputs } = await aBackedUpCluster();
    const backup = new Backup();
    const secrets = { passphrase: "correct horse battery staple" };
    const { rkeState } = cluster.state;

    await backup.up(inputs({ state: "encrypted", secrets, rkeState, storage: { nodes: true, folder: aFolder() } }));
    await backup.refresh();
    fleet.node("node-1").machine.disk.full = true;
    await backup.up(inputs({ state: "none", storage: { nodes: true } })).catch(() => undefined);

    const { access, secrets: _, ...open } = backup.state;
    const told = [backup.printed(), JSON.stringify(open)].join("\n");
    expect(String(access)).toContain("PRIVATE KEY");
    expect(told).not.toContain("PRIVATE KEY");
    expect(told).not.toContain("correct horse");
    // Of the cluster's keys it keeps one: that of the client that etcd lets in.
    expect(String(access).match(/BEGIN RSA PRIVATE KEY/g)).toHaveLength(1);
  });
});

describe("EtcdBackup, when the program changes", () => {
  it("takes another snapshot when a trigger changes, and then lets the old one go", async () => {
    const { inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const wanted = (trigger: string) => inputs({ triggers: [trigger], retain: "delete", storage: { folder } });
    const backup = new Backup();
    await backup.up(wanted("v1"));
    const { name: first } = backup.outputs;

    const preview = await backup.preview(wanted("v2"));
    await backup.up(wanted("v2"));

    expect(preview).toMatchObject({ changes: true, replaces: ["triggers"] });
    expect(preview.text).toContain(`takes another snapshot, because of triggers; then ${first} is deleted`);
    expect(archivesIn(folder)).toEqual([`${backup.outputs.name}.zip`]);
    expect(backup.outputs.name).not.toBe(first);
  });

  it("asks for another name when another snapshot is to be taken", async () => {
    const { inputs } = await aBackedUpCluster();
    const wanted = (trigger: string, snapshotName: string) =>
      inputs({ triggers: [trigger], snapshotName, storage: { folder: aFolder() } });
    const backup = new Backup();
    await backup.up(wanted("v1", "one"));

    expect(await backup.check(wanted("v2", "one"))).toMatchObject([{ property: "snapshotName" }]);
    expect(await backup.check(wanted("v2", "two"))).toEqual([]);
  });

  it("says nothing when only the way to the cluster is not known yet", async () => {
    const { inputs } = await aBackedUpCluster();
    const wanted = { storage: { folder: aFolder() }, state: "plain", rkeState: unknownValue };
    const backup = new Backup();
    await backup.up(inputs({ ...wanted, rkeState: "{}" }));

    expect(await backup.preview(inputs({ ...wanted, access: unknownValue }))).toEqual({
      changes: false,
      replaces: [],
      text: "",
    });
  });

  it("takes note of another way to the cluster, and touches nothing", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const storage = { folder: aFolder() };
    const backup = new Backup();
    await backup.up(inputs({ storage }));
    const before = fleet.journal.events.length;
    const access = JSON.stringify({ ...JSON.parse(String(inputs({}).access)), kubernetesVersion: "v1.32.4" });

    const preview = await backup.preview(inputs({ storage, access }));
    await backup.up(inputs({ storage, access }));

    expect(preview).toMatchObject({ changes: true, replaces: [] });
    expect(backup.state.access).toBe(access);
    expect(backup.state.kubernetesVersion).toBe("v1.31.4-rancher1-1");
    expect(fleet.journal.events.slice(before)).toEqual([]);
  });

  it("copies to a new place from where it is, and deletes in a place that is not wanted any more", async () => {
    const { fleet, inputs } = await aBackedUpCluster(three);
    const [one, two] = [aFolder(), aFolder()];
    const backup = new Backup();
    await backup.up(inputs({ retain: "delete", storage: { folder: one } }));
    const { name, sha256 } = backup.outputs;
    const content = readFileSync(join(one, `${name}.zip`));

    await backup.up(inputs({ retain: "delete", storage: { folder: two, nodes: true } }));
    const grown = { moved: archivesIn(two), left: archivesIn(one), onMachines: onMachines(fleet) };
    await backup.up(inputs({ retain: "delete", storage: { folder: one } }));

    expect(grown).toEqual({
      moved: [`${name}.zip`],
      left: [],
      onMachines: [[`${name}.zip`], [`${name}.zip`], [`${name}.zip`]],
    });
    expect(onMachines(fleet)).toEqual([[], [], []]);
    expect(backup.outputs).toMatchObject({ name, sha256, locations: [{ kind: "folder" }] });
    expect(readFileSync(join(one, `${name}.zip`)).equals(content)).toBe(true);
  });

  it("leaves what is in a place that is not wanted any more where retain says so", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const backup = new Backup();
    await backup.up(inputs({ storage: { folder, nodes: true } }));

    await backup.up(inputs({ storage: { folder } }));

    expect(onMachines(fleet)).toEqual([[`${backup.outputs.name}.zip`]]);
    expect(backup.outputs.locations.map(({ kind }) => kind)).toEqual(["folder"]);
    expect(backup.printed()).toContain("stays, as retain says");
  });

  it("fetches it from a machine when no other copy is left", async () => {
    const { inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const backup = new Backup();
    await backup.up(inputs({ storage: { nodes: true } }));

    await backup.up(inputs({ storage: { nodes: true, folder } }));

    const archive = await openArchive(join(folder, `${backup.outputs.name}.zip`));
    await archive.verify();
    await archive.close();
  });
});

describe("EtcdBackup, looking", () => {
  it("finds everything as it was", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const wanted = inputs({ storage: { nodes: true, folder: aFolder() } });
    const backup = new Backup();
    await backup.up(wanted);
    const before = backup.state;

    await backup.refresh();

    expect(backup.state).toEqual(before);
    expect(await backup.preview(wanted)).toMatchObject({ changes: false });
    expect(leftOver(fleet)).toEqual([]);
  });

  it("notices that copies are gone, and brings them back from another", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const wanted = inputs({ storage: { nodes: true, folder } });
    const backup = new Backup();
    await backup.up(wanted);
    const { name } = backup.outputs;
    fleet.node("node-1").machine.disk.remove(`${snapshotFolder}/${name}.zip`);

    await backup.refresh();
    const seen = backup.outputs.locations.map(({ kind }) => kind);
    const preview = await backup.preview(wanted);
    await backup.up(wanted);

    expect(seen).toEqual(["folder"]);
    expect(backup.printed()).toContain(`${name}.zip on node-1 (10.0.0.1) is gone`);
    expect(preview.text).toContain(`copies ${name} to`);
    expect(onMachines(fleet)).toEqual([[`${name}.zip`]]);
    expect(await backup.preview(wanted)).toMatchObject({ changes: false });
  });

  it("does not count a copy that somebody has changed", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const backup = new Backup();
    await backup.up(inputs({ storage: { nodes: true, folder: aFolder() } }));
    const path = `${snapshotFolder}/${backup.outputs.name}.zip`;
    const { disk } = fleet.node("node-1").machine;
    disk.write(path, Buffer.alloc(disk.read(path)?.length ?? 0));

    await backup.refresh();

    expect(backup.outputs.locations.map(({ kind }) => kind)).toEqual(["folder"]);
    expect(backup.printed()).toContain("is not what was stored there");
  });

  it("says that it is gone when no copy is left, so that another is taken", async () => {
    const { inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const backup = new Backup();
    await backup.up(inputs({ storage: { folder } }));
    rmSync(join(folder, `${backup.outputs.name}.zip`));

    await backup.refresh();

    expect(backup.id).toBe("");
  });

  it("takes silence for nothing: not of a machine, and not of a folder that this machine does not have", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = join(aFolder(), "backups");
    const backup = new Backup();
    await backup.up(inputs({ storage: { folder, nodes: true } }));
    rmSync(folder, { recursive: true });
    await fleet.node("node-1").ssh.close();

    await backup.refresh();

    expect(backup.outputs.locations.map(({ kind }) => kind)).toEqual(["folder", "node"]);
    expect(backup.printed()).toContain("there is no such folder here");
  });
});

describe("EtcdBackup, deleting", () => {
  it("deletes nothing unless it is told to, and says what stays", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const backup = new Backup();
    await backup.up(inputs({ storage: { nodes: true, folder } }));
    const { name } = backup.outputs;

    await backup.destroy();

    expect([archivesIn(folder), onMachines(fleet)]).toEqual([[`${name}.zip`], [[`${name}.zip`]]]);
    expect(backup.printed()).toContain(`${join(folder, `${name}.zip`)} stays, as retain says`);
  });

  it("deletes its own files and no neighbour's", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const { disk } = fleet.node("node-1").machine;
    for (const name of ["prod-2.zip", "prod"]) {
      writeFileSync(join(folder, name), "of a neighbour");
      disk.write(`${snapshotFolder}/${name}`, "of a neighbour");
    }
    const backup = new Backup();
    await backup.up(inputs({ snapshotName: "prod", retain: "delete", storage: { nodes: true, folder } }));

    await backup.destroy();

    expect(readdirSync(folder).sort()).toEqual(["prod", "prod-2.zip"]);
    expect(onMachines(fleet)[0]?.toSorted()).toEqual(["prod", "prod-2.zip"]);
    expect(leftOver(fleet)).toEqual([]);
  });

  it("names machines that do not answer, and deletes what it can", async () => {
    const { fleet, inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const backup = new Backup();
    await backup.up(inputs({ retain: "delete", storage: { nodes: true, folder } }));
    await fleet.node("node-1").ssh.close();

    await backup.destroy();

    expect(readdirSync(folder)).toEqual([]);
    expect(backup.printed()).toMatch(
      /warning: .*\.zip on node-1 \(10\.0\.0\.1\) was not deleted: the machine does not/,
    );
  });
});

/** What a run that dies at its very end leaves, and the next one that does anything takes away. */
const ownTraces = [unfinishedSnapshot, "node-1 pulumi-rke-lock", "node-1 pulumi-rke-snapshot-files"];

describe("EtcdBackup, killed anywhere and run again", () => {
  /** How many calls one backup makes that change something on a machine. */
  async function pointsOf(): Promise<number> {
    const { fleet, inputs } = await aBackedUpCluster();
    fleet.faults.dieAfter(Number.MAX_SAFE_INTEGER);
    await new Backup().up(inputs({ storage: { nodes: true, folder: aFolder() } }));
    const points = fleet.faults.mutations.length;
    fleet.revive();
    return points;
  }

  it.each([
    ["with what it could still save", true],
    ["with nothing saved", false],
  ])("comes to the same end, %s", { timeout: 300_000 }, async (_, isSaved) => {
    const points = await pointsOf();
    const { fleet, inputs } = await aBackedUpCluster();
    for (let point = 1; point <= points; point++) {
      const folder = aFolder();
      const wanted = inputs({ retain: "delete", storage: { nodes: true, folder } });
      const life = new AbortController();
      fleet.faults.dieAfter(point, () => life.abort(new Error("killed")));
      const killed = new Backup();
      await killed.up(wanted, { signal: life.signal }).catch(() => undefined);
      fleet.revive();
      const backup = isSaved ? killed : new Backup();

      // Killed when all copies were stored and only its own traces were left to remove: then there is nothing to do again.
      const isMade = backup.id !== "" && !(await backup.preview(wanted)).changes;
      await backup.up(wanted);

      const { name } = backup.outputs;
      expect(archivesIn(folder)).toContain(`${name}.zip`);
      expect(onMachines(fleet)[0]).toContain(`${name}.zip`);
      const traces = [...(onMachines(fleet)[0] ?? []).filter((file) => !file.endsWith(".zip")), ...leftOver(fleet)];
      expect(isMade ? traces.filter((one) => !ownTraces.includes(one)) : traces).toEqual([]);
      expect(await backup.preview(wanted)).toMatchObject({ changes: false });
      await backup.destroy();
      expect(existsSync(join(folder, `${name}.zip`))).toBe(false);
    }
    await new Backup().up(inputs({ storage: { folder: aFolder() } }));
    expect(onMachines(fleet)[0]).not.toContain(unfinishedSnapshot);
    expect(leftOver(fleet)).toEqual([]);
    expect(points).toBeGreaterThan(10);
  });
});
