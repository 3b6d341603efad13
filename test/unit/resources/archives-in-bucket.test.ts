import { describe, expect, it, onTestFinished } from "vitest";

import type { RunEvent } from "../../../provider/progress.ts";
import { archivesInBucket } from "../../../provider/resources/archives-in-bucket.ts";
import { anS3Server, type S3ServerOptions } from "../../fleet/s3-server.ts";
import { threeAndTwo, wanted } from "../../support/facts.ts";

/** Asks a bucket as the configuration names it; says what was found, and what was told. */
async function ask(changes: object = {}, { limitMs = 5000, ...options }: S3ServerOptions & { limitMs?: number } = {}) {
  const server = await anS3Server({ https: true, buckets: ["backups"], ...options });
  onTestFinished(() => server.close());
  const s3BackupConfig = {
    endpoint: server.endpoint.replace("https://", ""),
    bucketName: "backups",
    folder: "prod",
    accessKey: "AKIATEST",
    secretKey: "secret/of+AKIATEST",
    customCa: server.ca,
    ...changes,
  };
  for (const key of ["prod/a.zip", "prod/b.zip", "prod-2/c.zip", "prod/below/d.zip"]) server.put(`backups/${key}`, key);
  const { config } = await wanted({ nodes: threeAndTwo, services: { etcd: { backupConfig: { s3BackupConfig } } } });
  const events: RunEvent[] = [];
  const asking = (signal = new AbortController().signal) =>
    archivesInBucket(config, { signal, emit: (event) => events.push(event), limitMs });
  return { server, asking, events };
}

const noticesOf = (events: readonly RunEvent[]) => events.map((event) => (event.kind === "notice" ? event.text : ""));

describe("archivesInBucket()", () => {
  it("names what lies in the folder, and nothing of its neighbours", async () => {
    const { asking, events } = await ask();

    expect(await asking()).toEqual(new Set(["a.zip", "b.zip"]));
    expect(events).toEqual([]);
  });

  it.each([{ accessKey: "", secretKey: "" }, { secretKey: "" }])(
    "asks nobody where the machines have a role and we have not: %j",
    async (changes) => {
      const { server, asking } = await ask(changes);

      expect(await asking()).toBeUndefined();
      expect(server.requests).toEqual([]);
    },
  );

  it("asks nobody where no bucket is configured", async () => {
    const { config } = await wanted({ nodes: threeAndTwo });
    const emit = () => expect.unreachable();

    expect(await archivesInBucket(config, { signal: new AbortController().signal, emit })).toBeUndefined();
  });

  it("says why it is not known, and fails nothing for it", async () => {
    const { asking, events } = await ask({ secretKey: "another" });

    expect(await asking()).toBeUndefined();
    expect(noticesOf(events)).toEqual([
      expect.stringMatching(/^which snapshots are in s3:\/\/backups\/prod is not known: /),
    ]);
    expect(JSON.stringify(events)).not.toContain("another");
  });

  it("waits for a bucket that says nothing as long as it may, and no longer", async () => {
    const { server, asking, events } = await ask({}, { limitMs: 200 });
    server.fault({ when: /GET/, times: 10, how: "silence" });

    expect(await asking()).toBeUndefined();
    expect(noticesOf(events)).toHaveLength(1);
  });

  it("ends with the run that it is part of", async () => {
    const { server, asking } = await ask();
    server.fault({ when: /GET/, times: 10, how: "silence" });
    const stop = new AbortController();
    const found = asking(stop.signal);
    stop.abort(new Error("stopped"));

    await expect(found).rejects.toThrow("stopped");
  });
});
