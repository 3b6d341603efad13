import { describe, expect, it } from "vitest";

import { unknownValue } from "../../../provider/config/unknowns.ts";
import { clusterArgs } from "../../../provider/resources/cluster-inputs.ts";
import { restoreFailures, wantedRestore } from "../../../provider/resources/restore-input.ts";

const request = { from: "before", confirm: "before" };

describe("wantedRestore()", () => {
  it("is the snapshot that a program names and confirms", () => {
    expect(wantedRestore({ restore: request })).toMatchObject({ name: "before", storage: undefined });
  });

  it("takes what is known of a snapshot from an object, and passes over the rest of it", () => {
    const from = { name: "before", takenAt: "2026-11-20T03:00:00Z", revision: 7, sizeBytes: 5, locations: [] };

    const wanted = wantedRestore({ restore: { ...request, from } });

    expect(wanted).toMatchObject({ name: "before", takenAt: "2026-11-20T03:00:00Z", revision: 7 });
    expect(restoreFailures({ restore: { ...request, from } })).toEqual([]);
  });

  it("gets its secrets back, which are registered apart from it", () => {
    const s3 = { bucketName: "backups", accessKey: "key" };
    const restoreSecrets = { "restore.passphrase": "open", "restore.storage.s3.secretKey": "secret" };

    const wanted = wantedRestore({ restore: { ...request, storage: { s3 } }, restoreSecrets });

    expect(wanted).toMatchObject({ passphrase: "open", storage: { s3: { ...s3, secretKey: "secret" } } });
  });

  it("is none for the block of this name in files of rke, and none as long as it is not known", () => {
    expect(wantedRestore({ restore: { restore: false, snapshotName: "" } })).toBeUndefined();
    expect(wantedRestore({ restore: { ...request, from: unknownValue } })).toBeUndefined();
    expect(wantedRestore({})).toBeUndefined();
  });

  it("is no setting of the cluster, unlike that block", () => {
    expect(clusterArgs({ restore: request, restoreSecrets: { "restore.passphrase": "x" } })).toEqual({ nodes: [] });
    expect(clusterArgs({ restore: { restore: false } })).toEqual({ restore: { restore: false }, nodes: [] });
  });
});

describe("restoreFailures()", () => {
  it("says which line a person has to write, and what it means", () => {
    const reason =
      'Everything that was written to the cluster after the snapshot "after" will be lost. Who wants that writes: confirm: "after"';

    expect(restoreFailures({ restore: { ...request, from: "after" } })).toEqual([
      { property: "restore.confirm", reason },
    ]);
  });

  it("wants a confirmation in any case", () => {
    expect(restoreFailures({ restore: { from: "before" } })).toMatchObject([{ property: "restore.confirm" }]);
  });

  it("says how the request of rke is made here", () => {
    const reason = 'A restore is asked for in other words here: restore: { from: "x", confirm: "x" }';

    expect(restoreFailures({ restore: { restore: true, snapshotName: "x" } })).toEqual([
      { property: "restore.restore", reason },
    ]);
    expect(restoreFailures({ restore: { restore: false, snapshotName: "x" } })).toEqual([]);
  });

  it.each([
    ["before.zip", "without .zip"],
    ["../before", "cannot be the name of a snapshot"],
    ["a b", "cannot be the name of a snapshot"],
  ])("does not take %s for a name", (name, reason) => {
    expect(restoreFailures({ restore: { from: name, confirm: name } })).toEqual([
      { property: "restore.from", reason: expect.stringContaining(reason) },
    ]);
  });

  it("takes the names that rke gives", () => {
    const name = "2026-11-21T08:00:00Z_etcd";

    expect(restoreFailures({ restore: { from: name, confirm: name } })).toEqual([]);
  });

  it.each([{}, { folder: "a", nodes: true }])("wants one place: %o", (storage) => {
    expect(restoreFailures({ restore: { ...request, storage } })).toEqual([
      { property: "restore.storage", reason: "One of folder, s3 and nodes is wanted" },
    ]);
  });

  it("names a slip of the pen", () => {
    expect(restoreFailures({ restore: { ...request, storge: {} } })).toEqual([
      { property: "restore", reason: expect.stringContaining("storge") },
    ]);
  });

  it("waits for what is not known yet", () => {
    expect(restoreFailures({ restore: { from: unknownValue, confirm: "before" } })).toEqual([]);
    expect(restoreFailures({ restore: { ...request, storage: unknownValue } })).toEqual([]);
  });
});
