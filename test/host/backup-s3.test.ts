import { readdirSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";

import type { Properties } from "../../provider/resources/handler.ts";
import { anS3Server, type S3Server, type S3ServerOptions } from "../fleet/s3-server.ts";
import type { Refusal } from "../fleet/s3-signature.ts";
import { aBackedUpCluster, aFolder, Backup } from "./backup-on-fleet.ts";

const accessKey = "AKIATEST";

const denied: Refusal = [403, "AccessDenied", "Access Denied"];

async function aBucketServer(options: S3ServerOptions = {}): Promise<S3Server> {
  const server = await anS3Server({ buckets: ["backups", "others"], ...options });
  onTestFinished(() => server.close());
  return server;
}

/** The inputs that keep a backup in the folder "rke" of a bucket. */
function inBucket(server: S3Server, more: Properties = {}, secretKey = server.keys[accessKey]): Properties {
  const { endpoint, ca } = server;
  const s3 = { endpoint, bucketName: "backups", folder: "rke", accessKey, ...(ca !== undefined && { customCa: ca }) };
  return { storage: { s3, ...more }, secrets: { "storage.s3.secretKey": secretKey } };
}

describe("EtcdBackup in a bucket", () => {
  it("keeps it under the key that it is told, over TLS with a CA of its own", async () => {
    const server = await aBucketServer({ https: true });
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();

    await backup.up(inputs(inBucket(server)));

    const { name, locations, sizeBytes } = backup.outputs;
    const key = `rke/${name}.zip`;
    expect(locations).toEqual([{ kind: "s3", endpoint: server.endpoint, bucket: "backups", key, sizeBytes }]);
    expect([...server.objects.keys()]).toEqual([`backups/${key}`]);
    expect(server.objects.get(`backups/${key}`)?.content.length).toBe(sizeBytes);
  });

  it("deletes its own object and no neighbour's", async () => {
    const server = await aBucketServer();
    for (const key of ["rke/prod-2.zip", "rke/prod", "prod.zip"]) server.put(`backups/${key}`, "of a neighbour");
    server.put("others/rke/prod.zip", "of a neighbour");
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    await backup.up(inputs({ ...inBucket(server), snapshotName: "prod", retain: "delete" }));
    const during = server.objects.has("backups/rke/prod.zip");

    await backup.destroy();

    expect(during).toBe(true);
    expect([...server.objects.keys()].sort()).toEqual([
      "backups/prod.zip",
      "backups/rke/prod",
      "backups/rke/prod-2.zip",
      "others/rke/prod.zip",
    ]);
  });

  it.each<[string, S3ServerOptions, string | undefined, RegExp]>([
    ["the credentials are wrong", {}, "wrong", /SignatureDoesNotMatch|secretKey/],
    ["there is no such bucket", { buckets: [] }, undefined, /bucket/i],
  ])("touches no machine when %s", async (_, options, secretKey, reason) => {
    const server = await aBucketServer(options);
    const { fleet, inputs } = await aBackedUpCluster();
    const before = fleet.journal.events.length;
    const folder = aFolder();
    const backup = new Backup();

    await expect(backup.up(inputs(inBucket(server, { folder }, secretKey)))).rejects.toThrow(reason);

    expect(fleet.journal.events.slice(before)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
    expect(backup.id).toBe("");
  });

  it("goes by the clock of the store where that of this machine is off", async () => {
    const server = await aBucketServer({ clockOffsetMs: 3_600_000 });
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();

    await backup.up(inputs(inBucket(server)));

    expect([...server.objects.keys()]).toEqual([`backups/rke/${backup.outputs.name}.zip`]);
  });

  it("tries again where a store has a bad moment, or is slow", async () => {
    const server = await aBucketServer();
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    server.fault({ when: /^PUT .*nightly/, times: 2, how: { reset: "after" } });
    server.fault({ when: /^HEAD .*nightly/, times: 1, how: { delayMs: 500 } });

    await backup.up(inputs(inBucket(server)));

    expect([...server.objects.keys()]).toEqual([`backups/rke/${backup.outputs.name}.zip`]);
  });

  it("keeps the other copies when the bucket fails half-way, and stores it there the next time", async () => {
    const server = await aBucketServer();
    const { inputs } = await aBackedUpCluster();
    const folder = aFolder();
    const wanted = inputs(inBucket(server, { folder }));
    const backup = new Backup();
    server.fault({ when: /^PUT .*nightly/, times: 1000, how: { answer: denied } });

    await expect(backup.up(wanted)).rejects.toThrow(/AccessDenied|may not/i);
    const kept = backup.outputs.locations.map(({ kind }) => kind);
    const { name, sha256 } = backup.outputs;
    const another = await aBucketServer();
    const elsewhere = inputs(inBucket(another, { folder }));
    await backup.up(elsewhere);

    expect(kept).toEqual(["folder"]);
    expect(backup.outputs).toMatchObject({ name, sha256, locations: [{ kind: "folder" }, { kind: "s3" }] });
    expect([...another.objects.keys()]).toEqual([`backups/rke/${name}.zip`]);
    expect(await backup.preview(elsewhere)).toMatchObject({ changes: false });
  });

  it("moves from one bucket to another", async () => {
    const [server, another] = [await aBucketServer(), await aBucketServer({ keys: { AKIATEST: "another" } })];
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    await backup.up(inputs({ ...inBucket(server), retain: "delete" }));
    const object = [...server.objects.values()][0];

    await backup.up(inputs({ ...inBucket(another), retain: "delete" }));

    expect(server.objects.size).toBe(0);
    expect([...another.objects.values()].map(({ content }) => content)).toEqual([object?.content]);
  });

  it("takes note of other credentials, and touches nothing", async () => {
    const server = await aBucketServer();
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    await backup.up(inputs(inBucket(server)));
    const before = server.requests.length;

    const rotated = inputs(inBucket(server, {}, "rotated"));
    const preview = await backup.preview(rotated);
    await backup.up(rotated);

    expect(preview).toMatchObject({ changes: true, replaces: [] });
    expect(backup.state.secrets).toEqual({ "storage.s3.secretKey": "rotated" });
    expect(server.requests.slice(before)).toEqual([]);
  });

  it("notices that the object is gone, and takes an outage for nothing", async () => {
    const server = await aBucketServer();
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    await backup.up(inputs(inBucket(server)));
    server.fault({ when: /./, times: 1, how: { answer: denied } });

    await backup.refresh();
    const afterOutage = backup.outputs.locations.length;
    server.objects.clear();
    await backup.refresh();

    expect(afterOutage).toBe(1);
    expect(backup.printed()).toContain("could not be looked at");
    expect(backup.id).toBe("");
  });

  it("says that it cannot delete, and forgets nothing", async () => {
    const server = await aBucketServer();
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    await backup.up(inputs({ ...inBucket(server), retain: "delete" }));
    server.fault({ when: /^DELETE/, times: 1, how: { answer: denied } });

    await expect(backup.destroy()).rejects.toMatchObject({ code: "storage" });

    await backup.destroy();
    expect(server.objects.size).toBe(0);
  });

  it("prints no key", async () => {
    const server = await aBucketServer();
    const { inputs } = await aBackedUpCluster();
    const backup = new Backup();
    server.fault({
      when: /^PUT .*nightly/,
      times: 1000,
      how: { answer: denied },
    });

    const failure = await backup.up(inputs(inBucket(server, { folder: aFolder() }))).catch((error: Error) => error);

    expect(failure).toBeInstanceOf(Error);
    expect(`${backup.printed()}\n${String(failure)}`).not.toContain(server.keys[accessKey]);
  });
});
