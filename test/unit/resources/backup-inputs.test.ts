import { describe, expect, it } from "vitest";

import { unknownValue } from "../../../provider/config/unknowns.ts";
import { backupArgs, backupFailures, reasonsToTakeAnew } from "../../../provider/resources/backup-inputs.ts";
import type { Properties } from "../../../provider/resources/handler.ts";

const inputs = (changes: Properties = {}): Properties => ({
  resourceName: "nightly",
  storage: { folder: "backups" },
  state: "none",
  secrets: {},
  clusterId: "id",
  access: "{}",
  ...changes,
});

const wrong = (changes: Properties, olds: Properties = {}): readonly string[] =>
  backupFailures(olds, inputs(changes)).map(({ property, reason }) => `${property}: ${reason}`);

describe("backupFailures()", () => {
  it.each<[string, Properties]>([
    ["a folder", { storage: { folder: "backups" } }],
    ["a bucket with AWS's own credentials", { storage: { s3: { bucketName: "backups" } } }],
    [
      "a bucket with keys",
      { storage: { s3: { bucketName: "b", accessKey: "a" } }, secrets: { "storage.s3.secretKey": "s" } },
    ],
    ["a bucket that comes from elsewhere as a whole", { storage: {}, secrets: { "storage.s3": { bucketName: "b" } } }],
    ["a storage that is not known yet", { storage: unknownValue }],
    ["a bucket that is not known yet", { storage: { s3: unknownValue } }],
    ["keys that are not known yet", { storage: { s3: { bucketName: "b", accessKey: "a" } }, secrets: unknownValue }],
    ["a name of rke's", { snapshotName: "2026-11-21T08:00:00Z_etcd" }],
    ["triggers of any kind", { triggers: [1, "two", { three: [3] }, unknownValue] }],
    ["a passphrase", { state: "encrypted", secrets: { passphrase: "secret" }, rkeState: "{}" }],
    ["a cluster that is about to change", { access: unknownValue }],
  ])("has nothing against %s", (_, changes) => {
    expect(wrong(changes)).toEqual([]);
  });

  it.each<[string, Properties, string]>([
    ["no place at all", { storage: {} }, "storage: A place is wanted: s3, folder or nodes, or several of them"],
    ["a place that is switched off", { storage: { nodes: false } }, "storage: A place is wanted"],
    [
      "a slip of the pen",
      { storage: { folders: "x" } },
      'storage.folders: Unknown key "folders": did you mean "folder"?',
    ],
    ["a bucket without a name", { storage: { s3: {} } }, "storage.s3.bucketName: A text is wanted, nothing was found"],
    [
      "one key without the other",
      { storage: { s3: { bucketName: "b", accessKey: "a" } } },
      "storage.s3.secretKey: It is wanted together with accessKey",
    ],
    [
      "an endpoint that is none",
      { storage: { s3: { bucketName: "b", endpoint: "ftp://example.com" } } },
      'storage.s3.endpoint: "ftp://example.com" is no endpoint',
    ],
    [
      "a CA that cannot be read",
      { storage: { s3: { bucketName: "b", customCa: "MIIB" } } },
      "storage.s3.customCa: its certificate cannot be read",
    ],
    ["an empty folder", { storage: { folder: "" } }, "storage.folder: A path is wanted"],
    [
      "another word for retain",
      { retain: "forever" },
      'retain: "forever" is not possible here: write "delete" or "keep"',
    ],
    ["the name of a file", { snapshotName: "prod.zip" }, "snapshotName: A name without .zip is wanted"],
    ["a path in place of a name", { snapshotName: "../prod" }, 'snapshotName: "../prod" cannot be the name of one'],
    ["a time that is none", { timeouts: { create: "soon" } }, 'timeouts.create: "soon" is not a length of time'],
    ["encryption without a passphrase", { state: "encrypted", rkeState: "{}" }, "passphrase: It is wanted to encrypt"],
    [
      "a passphrase that would encrypt nothing",
      { state: "plain", secrets: { passphrase: "secret" }, rkeState: "{}" },
      'passphrase: Nothing is encrypted with it: state is "plain"',
    ],
    ["a cluster of another stack", { access: "" }, "cluster: The way to its etcd is not known"],
  ])("refuses %s", (_, changes, reason) => {
    expect(wrong(changes)).toEqual([expect.stringContaining(reason)]);
  });

  it("does not repeat what is secret", () => {
    const [reason] = wrong({ storage: { s3: { bucketName: "b", accessKey: "a" } }, secrets: { passphrase: 12345678 } });

    expect(reason).not.toContain("12345678");
  });
});

describe("backupArgs()", () => {
  it("puts the secrets back to where they were", () => {
    const args = backupArgs(
      inputs({
        storage: { s3: { bucketName: "b", accessKey: "a" } },
        secrets: { "storage.s3.secretKey": "s", passphrase: "p" },
      }),
    );

    expect(args).toMatchObject({
      passphrase: "p",
      storage: { s3: { bucketName: "b", accessKey: "a", secretKey: "s" } },
    });
  });
});

describe("reasonsToTakeAnew()", () => {
  it.each<[string, Properties, readonly string[]]>([
    ["nothing", {}, []],
    ["the credentials", { secrets: { "storage.s3.secretKey": "new" } }, []],
    ["what becomes of it", { retain: "delete" }, []],
    ["the places", { storage: { nodes: true } }, []],
    ["a trigger", { triggers: ["new"] }, ["triggers"]],
    ["a trigger that is not known yet", { triggers: [unknownValue] }, ["triggers"]],
    ["its name", { snapshotName: "new" }, ["snapshotName"]],
    ["the cluster", { clusterId: "another" }, ["clusterId"]],
    ["what goes with it", { state: "plain" }, ["state"]],
  ])("of %s changed", (_, changes, reasons) => {
    expect(reasonsToTakeAnew(inputs(), inputs(changes))).toEqual(reasons);
  });
});
