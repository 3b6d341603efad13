import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { RestoreArgs } from "../../../sdk/restore-args.ts";
import { aLabCluster, type LabCluster } from "../cluster.ts";
import { home, lab, nodeAddress, onNode, s3Address } from "../machines.ts";
import { type Objects, objectsOf } from "../objects.ts";
import type { Roles, Wanted } from "../program.ts";
import { deployWeb, webAnswersOn } from "../web.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
const count = 5000;

let cluster: LabCluster;
let folder: string;

beforeAll(async () => {
  lab("reset");
  folder = mkdtempSync(join(tmpdir(), "pulumi-rke-snapshots-"));
  rmSync(bucket, { recursive: true, force: true });
  for (const neighbour of neighbours) {
    mkdirSync(join(bucket, neighbour, ".."), { recursive: true });
    writeFileSync(join(bucket, neighbour), neighbour);
  }
  cluster = await aLabCluster();
});

afterAll(async () => {
  await cluster?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Each test goes on where the one before has stopped. */
describe("A cluster and a snapshot of it in three places", { sequential: true }, () => {
  let wanted: Wanted = { kubernetesVersion: "v1.31.4-rancher1-1", nodes: { 1: all, 2: all, 3: all } };
  let name = "";
  const objects = (askedOn: number): Objects => objectsOf(cluster.kubeconfig(), { askedOn });
  const s3 = () => ({
    endpoint: s3Address,
    bucketName: "backups",
    folder: "prod",
    accessKey: "lab",
    secretKey: "lab-secret",
    customCa: readFileSync(join(home, "s3/cert.pem"), "utf8"),
  });

  it("are made", async () => {
    await cluster.apply(wanted);
    await deployWeb(cluster.kubectl, [1, 2, 3].map(nodeAddress));
    await objects(1).write(count);

    wanted = { ...wanted, backup: { storage: { nodes: true, folder, s3: s3() }, state: "plain", retain: "delete" } };
    const { outputs } = await cluster.apply(wanted);

    const backup = outputs.backup as {
      readonly name: string;
      readonly totalKeys: number;
      readonly locations: object[];
    };
    name = backup.name;
    expect(backup.totalKeys).toBeGreaterThan(count);
    expect(backup.locations).toHaveLength(5);
    const files = [join(folder, `${name}.zip`), join(bucket, `prod/${name}.zip`)];
    const sums = [
      ...files.map((file) => createHash("sha256").update(readFileSync(file)).digest("hex")),
      ...[1, 2, 3].map((index) => onNode(index, `sha256sum /opt/rke/etcd-snapshots/${name}.zip`).split(" ")[0]),
    ];
    expect(new Set(sums).size).toBe(1);
  });

  it("are not restored while a machine of etcd is dead", async () => {
    await objects(1).deleteAll();
    expect((await objects(1).numbers()).size).toBe(0);
    lab("node", "kill", "3");

    const { failure } = await cluster.begin(restoredFrom({ nodes: true }));

    expect(failure).toContain("node3");
    expect((await objects(1).numbers()).size).toBe(0);
  });

  it("are one again when it is back: every object is there, every node is ready, and the workload answers", async () => {
    lab("node", "start", "3");

    await cluster.apply(restoredFrom({ nodes: true }));

    expect((await objects(1).numbers()).size).toBe(count);
    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
    await webAnswersOn([1, 2, 3].map(nodeAddress));
  });

  it("are one again on two other machines when all are lost, by the copy in S3", async () => {
    wanted = { ...wanted, nodes: { 1: all, 2: all, 3: all } };
    await cluster.apply(wanted);
    for (const index of [1, 2, 3]) lab("node", "kill", String(index));

    wanted = { ...wanted, nodes: { 4: all, 5: all } };
    await cluster.apply(restoredFrom({ s3: s3() }));

    expect((await objects(4).numbers()).size).toBe(count);
    expect(Object.keys(cluster.versions())).toEqual(["node4", "node5"]);
    await webAnswersOn([4, 5].map(nodeAddress));
  });

  it("are one again on three new machines when these are lost, too, by the copy in the folder", async () => {
    await cluster.apply(wanted);
    lab("reset");
    for (const index of [4, 5]) lab("node", "kill", String(index));

    wanted = { ...wanted, nodes: { 1: all, 2: all, 3: all } };
    await cluster.apply(restoredFrom({ folder }));

    expect((await objects(1).numbers()).size).toBe(count);
    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
    await webAnswersOn([1, 2, 3].map(nodeAddress));
  });

  it("go together, and their neighbours stay", async () => {
    await cluster.destroy();

    expect(readdirSync(folder)).toEqual([]);
    expect(neighbours.filter((neighbour) => existsSync(join(bucket, neighbour)))).toEqual(neighbours);
    expect(readdirSync(join(bucket, "prod"))).toEqual(["before.zip"]);
  });

  const restoredFrom = (storage: NonNullable<RestoreArgs["storage"]>): Wanted => ({
    ...wanted,
    restore: { from: name, confirm: name, storage },
  });
});

/** Files under names that the snapshot's begin like, or that begin like the snapshot's. */
const neighbours = ["prod-2/before.zip", "prod/before.zip"];

const bucket = join(home, "s3/data/backups");
