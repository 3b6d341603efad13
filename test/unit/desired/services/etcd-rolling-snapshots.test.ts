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

describe("etcdRollingSnapshots() with a schedule", () => {
  const scheduled = (changes: object = {}) => withBackup({ schedule: "30 3 1 * mon", ...changes });

  it("asks and mounts as RKE's own, and hands the tool what all its deeds need", () => {
    const [own, ours] = [withBackup({}), scheduled()].map((context) => etcdRollingSnapshots(context).spec);

    expect(ours).toEqual({ ...own, entrypoint: expect.anything(), cmd: expect.anything(), env: expect.anything() });
    expect(ours?.cmd).toEqual([
      "/opt/rke-tools/rke-etcd-backup",
      "--cacert",
      "/etc/kubernetes/ssl/kube-ca.pem",
      "--cert",
      "/etc/kubernetes/ssl/kube-node.pem",
      "--key",
      "/etc/kubernetes/ssl/kube-node-key.pem",
      "--endpoints=10.0.0.1:2379",
    ]);
  });

  it("tells the script the times as numbers, in the form in which date prints them", () => {
    expect(envOf(etcdRollingSnapshots(scheduled({ retention: 9, timeout: 60 })))).toMatchObject({
      SCHEDULE: "30 3 1 * mon",
      MINUTES: "30",
      HOURS: "03",
      DAYS: "01",
      MONTHS: "01 02 03 04 05 06 07 08 09 10 11 12",
      WEEKDAYS: "1",
      DAY_RULE: "either",
      KEEP: "9",
      LIMIT: "60",
      TIME: "%Y-%m-%dT%H:%M:%SZ",
    });
  });

  it("calls archives without colons where that is wanted", () => {
    expect(envOf(etcdRollingSnapshots(scheduled({ safeTimestamp: true }))).TIME).toBe("%Y-%m-%dT%H-%M-%SZ");
  });

  it("stores in S3 with the flags and variables of RKE's own", () => {
    const { spec } = etcdRollingSnapshots(scheduled({ s3BackupConfig: s3 }));

    expect(spec.cmd?.slice(-4)).toEqual(settings(withBackup({ s3BackupConfig: s3 })).slice(2));
    expect(spec.env).toEqual(expect.arrayContaining(["S3_ACCESS_KEY=QUtJQQ==", "S3_SECRET_KEY=aHVudGVyMg=="]));
  });

  it("lets the members begin one after another, in whatever order they are written", () => {
    const nodes = ["b", "a", "c"].map((name, index) => ({
      address: `10.0.0.${index + 1}`,
      hostnameOverride: name,
      user: "u",
      role: ["etcd", "controlplane"],
    }));
    const secondOf = (name: string, order: typeof nodes) => {
      const context = aNodeContext({ nodes: order, services: { etcd: { backupConfig: { schedule: "0 3 * * *" } } } });
      const node = context.cluster.config.nodes.find(({ hostnameOverride }) => hostnameOverride === name);
      return envOf(etcdRollingSnapshots({ ...context, node: node ?? context.node })).SECOND;
    };

    expect(["a", "b", "c"].map((name) => secondOf(name, nodes))).toEqual(["0", "10", "20"]);
    expect(["a", "b", "c"].map((name) => secondOf(name, nodes.toReversed()))).toEqual(["0", "10", "20"]);
  });

  it("leaves RKE's container as it is where no schedule is given", () => {
    expect(etcdRollingSnapshots(withBackup({ schedule: "" })).spec).toEqual(etcdRollingSnapshots(withBackup({})).spec);
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
    expect(takesSnapshots(aNodeContext({ services: { etcd } }).cluster.config)).toBe(expected);
  });
});
