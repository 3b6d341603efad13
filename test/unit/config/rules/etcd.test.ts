import { describe, expect, it } from "vitest";

import { findings } from "../../../support/findings.ts";
import { vector } from "../../../support/vectors.ts";

const services = (changes: object, more: object = {}) => findings({ services: changes, ...more });

describe("etcdRules()", () => {
  const pem = (begin: string) => new RegExp(`-----BEGIN ${begin}-----[^]*?-----END ${begin}-----`);
  const text = vector("etcd-external").clusterYml.replaceAll(/^ +/gm, "");
  const certificate = pem("CERTIFICATE").exec(text)?.[0] ?? "";
  const key = pem("RSA PRIVATE KEY").exec(text)?.[0] ?? "";
  const cert = text.slice(text.indexOf("\ncert: ")).match(pem("CERTIFICATE"))?.[0] ?? "";
  const nodes = [{ address: "a", user: "u", role: ["controlplane", "worker"] }];
  const external = (changes: object) =>
    services(
      { etcd: { externalUrls: ["https://e:2379"], caCert: certificate, cert, key, path: "/rke", ...changes } },
      { nodes },
    );

  it("accepts an external etcd with all it needs", () => {
    expect(external({})).toEqual({ failures: [], warnings: [] });
  });

  it.each([
    [{ caCert: "" }, "caCert: An external etcd needs a CA certificate: it is missing"],
    [{ cert: undefined }, "cert: An external etcd needs a client certificate: it is missing"],
    [{ key: "" }, "key: An external etcd needs the private key of the client certificate: it is missing"],
    [{ path: "" }, "path: An external etcd needs a prefix for its keys, such as /rke: it is missing"],
    [{ caCert: "nonsense" }, "caCert: The text is not a certificate"],
    [{ key: "nonsense" }, "key: The text is not a private key"],
    [{ externalUrls: ["e:2379"] }, 'externalUrls[0]: "e:2379" is not the URL of an etcd'],
    [{ cert: certificate }, "key: The key does not belong to the client certificate"],
  ])("refuses an external etcd with %j", (changes, reason) => {
    expect(external(changes).failures).toEqual([expect.stringContaining(reason)]);
  });

  it("refuses a schedule that is none, with its place", () => {
    expect(services({ etcd: { backupConfig: { schedule: "0 3 * *" } } }).failures).toEqual([
      'services.etcd.backupConfig.schedule: "0 3 * *" has 4 fields: minute, hour, day of the month, month and day of the week are wanted',
    ]);
  });

  it("accepts a schedule, and one that is not given", () => {
    for (const schedule of ["0 3 * * *", "*/30 8-18 * * mon-fri", ""]) {
      expect(services({ etcd: { backupConfig: { schedule } } })).toEqual({ failures: [], warnings: [] });
    }
  });

  it("refuses an etcd that is external and internal", () => {
    const { failures } = services({
      etcd: { externalUrls: ["https://e:2379"], caCert: certificate, cert, key, path: "/rke" },
    });

    expect(failures).toEqual([expect.stringContaining("An external etcd is given, and nodes have the role etcd")]);
  });

  it.each([
    [{ uid: 1 }, "uid: uid has no effect without gid: give both"],
    [{ gid: 1, uid: 0 }, "gid: gid has no effect without uid: give both"],
    [{ caCert: certificate }, "caCert: caCert has no effect without externalUrls"],
    [{ retention: "24h", backupConfig: {} }, "retention: retention has no effect beside backupConfig"],
    [{ backupConfig: { enabled: false } }, "backupConfig.enabled: RKE takes snapshots nevertheless"],
    [
      { backupConfig: { s3BackupConfig: { endpoint: "e", bucketName: "b", accessKey: "a" } } },
      "accessKey is given without secretKey",
    ],
    [
      { backupConfig: { schedule: "0 3 * * *", intervalHours: 6 } },
      "intervalHours: intervalHours has no effect beside schedule",
    ],
    [{ backupConfig: { schedule: "0 3 * * *" }, snapshot: false }, "schedule: schedule has no effect: snapshot"],
    [
      { backupConfig: { schedule: "0 3 * * *", s3BackupConfig: { endpoint: "e", bucketName: "b" } } },
      "folder: Archives are called by the time alone",
    ],
  ])("warns of %j", (etcd, reason) => {
    const { failures, warnings } = services({ etcd });

    expect([failures, warnings]).toEqual([[], [expect.stringContaining(reason)]]);
  });

  it.each([
    [{ creation: "12" }, 'creation: "12" is not a duration'],
    [{ retention: "3d" }, 'retention: "3d" is not a duration'],
    [{ backupConfig: { s3BackupConfig: { bucketName: "b" } } }, "endpoint: The endpoint is missing"],
    [
      { backupConfig: { s3BackupConfig: { bucketName: "b", endpoint: "https://s3" } } },
      'endpoint: "https://s3" is a URL: give the host only',
    ],
    [{ backupConfig: { s3BackupConfig: { endpoint: "e" } } }, "bucketName: The bucket is missing"],
    [
      { backupConfig: { s3BackupConfig: { endpoint: "e", bucketName: "b", customCa: "x" } } },
      "customCa: The text is not a certificate",
    ],
  ])("refuses %j", (etcd, reason) => {
    expect(services({ etcd }).failures).toEqual([expect.stringContaining(reason)]);
  });

  it("accepts snapshots that are off in both places", () => {
    expect(services({ etcd: { snapshot: false, backupConfig: { enabled: false } } }).warnings).toEqual([]);
  });
});
