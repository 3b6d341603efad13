import { describe, expect, it } from "vitest";

import { caOf, s3Target } from "../../../provider/snapshots/s3-settings.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";

describe("s3Target()", () => {
  it.each([
    [{}, { endpoint: undefined, region: "us-east-1", pathStyle: false }],
    [
      { endpoint: "s3.amazonaws.com", region: "eu-west-1" },
      { endpoint: undefined, region: "eu-west-1", pathStyle: false },
    ],
    [{ endpoint: "s3.eu-central-1.amazonaws.com" }, { endpoint: undefined, region: "eu-central-1", pathStyle: false }],
    [
      { endpoint: "https://s3-us-west-2.amazonaws.com/" },
      { endpoint: undefined, region: "us-west-2", pathStyle: false },
    ],
    [{ endpoint: "minio.lan:9000" }, { endpoint: "https://minio.lan:9000", region: "us-east-1", pathStyle: true }],
    [{ endpoint: "http://10.0.0.9:9000" }, { endpoint: "http://10.0.0.9:9000", region: "us-east-1", pathStyle: true }],
    [
      { endpoint: "oss-cn-hangzhou.aliyuncs.com", region: "oss-cn-hangzhou" },
      { endpoint: "https://oss-cn-hangzhou.aliyuncs.com", region: "oss-cn-hangzhou", pathStyle: false },
    ],
    [
      { endpoint: "ceph.lan", pathStyle: false },
      { endpoint: "https://ceph.lan", region: "us-east-1", pathStyle: false },
    ],
    [{ pathStyle: true }, { endpoint: undefined, region: "us-east-1", pathStyle: true }],
  ])("takes %j as the tools of rke do", (settings, target) => {
    expect(s3Target(settings)).toEqual(target);
  });

  it.each(["ftp://host", "https://", "a b", "host?x=1", "s3://bucket"])("refuses %j", (endpoint) => {
    expect(() => s3Target({ endpoint })).toThrow(expect.objectContaining({ code: "config" }));
  });

  it("prints no password that somebody wrote into an endpoint", () => {
    expect(() => s3Target({ endpoint: "https://me:hunter2@host" })).toThrow('"https://…@host" is no endpoint');
  });
});

describe("caOf()", () => {
  const { cert } = testAuthority("s3-ca");

  it("takes PEM as it is, and base64 of it", () => {
    expect(caOf(cert)).toBe(cert);
    expect(caOf(Buffer.from(cert).toString("base64"))).toBe(cert);
    expect(caOf(`${cert}\n${cert}`)).toBe(`${cert}\n${cert}`);
  });

  it.each([
    ["nothing", ""],
    ["another text", "hello"],
    ["a file name", "/etc/ssl/ca.pem"],
    ["a broken certificate", cert.replace(/M/g, "N")],
    ["one good certificate and a broken one", `${cert}\n${cert.replace(/M/g, "N")}`],
  ])("refuses %s", (_, text) => {
    expect(() => caOf(text)).toThrow(/its certificate cannot be read/);
  });
});
