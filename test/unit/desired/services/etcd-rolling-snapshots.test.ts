import { describe, expect, it } from "vitest";

import { etcdRollingSnapshots, takesSnapshots } from "../../../../provider/desired/services/etcd-rolling-snapshots.ts";
import { aNodeContext, envOf } from "../world.ts";

const s3 = { accessKey: "AKIA", secretKey: "hunter2", bucketName: "b", region: "eu", endpoint: "s3.example.com" };
const withBackup = (backupConfig: object) => aNodeContext({ services: { etcd: { backupConfig } } });

/** The flags that are words of their own, behind the endpoints. */
function settings(context: ReturnType<typeof aNodeContext>): readonly string[] {
  const { cmd = [] } = etcdRollingSnapshots(context).spec;
  return cmd.slice(cmd.findIndex((word) => word.startsWith("--endpoints=")) + 1);
}

describe("etcdRollingSnapshots()", () => {
  it("etcdRollingSnapshots() asks the member on its machine, with the certificate of the node", () => {
    const { cmd } = etcdRollingSnapshots(aNodeContext()).spec;

    expect(cmd?.slice(0, 12)).toEqual([
      "/opt/rke-tools/rke-etcd-backup",
      "etcd-backup",
      "save",
      "--cacert",
      "/etc/kubernetes/ssl/kube-ca.pem",
      "--cert",
      "/etc/kubernetes/ssl/kube-node.pem",
      "--key",
      "/etc/kubernetes/ssl/kube-node-key.pem",
      "--name",
      "etcd-rolling-snapshots",
      "--endpoints=10.0.0.1:2379",
    ]);
  });

  it.each<[string, object, readonly string[]]>([
    ["nothing", {}, ["--retention=72h", "--creation=12h"]],
    ["times", { retention: "24h", creation: "5m" }, ["--retention=24h", "--creation=5m"]],
    ["an empty backup block", { backupConfig: {} }, ["--creation=12h", "--retention=72h"]],
    [
      "intervals and a number",
      { backupConfig: { intervalHours: 3, retention: 5 }, retention: "1h" },
      ["--creation=3h", "--retention=15h"],
    ],
  ])("etcdRollingSnapshots() turns %s into a schedule", (_, etcd, expected) => {
    expect(settings(aNodeContext({ services: { etcd } }))).toEqual(expected);
  });

  it("etcdRollingSnapshots() stores in S3, with a folder when there is one", () => {
    const flags = settings(withBackup({ s3BackupConfig: { ...s3, folder: "f" } }));

    expect(flags.slice(2)).toEqual([
      "--s3-backup=true",
      "--s3-endpoint=s3.example.com",
      "--s3-bucketName=b",
      "--s3-region=eu",
      "--s3-folder=f",
    ]);
  });

  it("etcdRollingSnapshots() passes the keys for S3 as variables, in base64, and never as arguments", () => {
    const planned = etcdRollingSnapshots(withBackup({ s3BackupConfig: s3 }));

    expect([envOf(planned), JSON.stringify(planned.spec.cmd)]).toEqual([
      { S3_ACCESS_KEY: "QUtJQQ==", S3_SECRET_KEY: "aHVudGVyMg==" },
      expect.not.stringMatching(/hunter2|AKIA|aHVudGVyMg|QUtJQQ/),
    ]);
  });

  it("etcdRollingSnapshots() has no variables for a role that the machine plays", () => {
    const { accessKey, secretKey, ...role } = s3;

    expect(etcdRollingSnapshots(withBackup({ s3BackupConfig: role })).spec.env).toBeUndefined();
  });

  it("etcdRollingSnapshots() writes into one directory whatever the prefix, and has no label", () => {
    const { spec } = etcdRollingSnapshots(aNodeContext({ prefixPath: "/opt/rke" }));

    expect([spec.binds, spec.labels]).toEqual([
      ["/opt/rke/etcd-snapshots/:/backup", "/opt/rke/etc/kubernetes:/etc/kubernetes"],
      undefined,
    ]);
  });
});

describe("takesSnapshots()", () => {
  it.each([
    [{}, true],
    [{ snapshot: false }, false],
    [{ snapshot: false, backupConfig: { enabled: true } }, false],
    [{ backupConfig: {} }, true],
    [{ backupConfig: { enabled: false } }, false],
  ])("takesSnapshots() for %j is %s", (etcd, expected) => {
    expect(takesSnapshots(aNodeContext({ services: { etcd } }))).toBe(expected);
  });
});
