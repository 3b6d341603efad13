import { describe, expect, it } from "vitest";

import { ran } from "./world.ts";

const secret = "hunter2-never-print-me";
const aws = "AKIANEVERPRINTME";
const keyLine = Buffer.from(secret.repeat(2)).toString("base64");

const withSecrets = `kubernetes_version: v1.32.6-rancher1-1
nodes:
- address: 10.0.0.1
  user: ubuntu
  role: [etcd, controlplane, worker]
  ssh_key: |
    -----BEGIN OPENSSH PRIVATE KEY-----
    ${keyLine}
    -----END OPENSSH PRIVATE KEY-----
private_registries:
- {url: r.example.com, user: u, password: ${secret}, is_default: true}
cloud_provider:
  name: mine
  customCloudProvider: "password=${secret}"
services:
  etcd:
    backup_config:
      s3backupconfig: {access_key: ${aws}, secret_key: ${secret}, bucket_name: b, region: r, endpoint: s3.example.com}
  kube-api:
    secrets_encryption_config:
      enabled: true
      custom_config:
        apiVersion: apiserver.config.k8s.io/v1
        kind: EncryptionConfiguration
        resources:
        - resources: [secrets]
          providers:
          - aescbc: {keys: [{name: k, secret: ${Buffer.from(secret.padEnd(32, "x")).toString("base64")}}]}
          - identity: {}
  kubelet:
    extra_env: ["REGISTRY_PASSWORD=${secret}", "HTTPS_PROXY=http://me:${secret}@proxy.example.com:3128"]
`;

/** A secret as it is, and in base64 wherever it begins. */
const disguises = [secret, aws].flatMap((text) => [
  text,
  ...[0, 1, 2].map((offset) =>
    Buffer.from(text.slice(offset, offset + Math.floor((text.length - offset) / 3) * 3)).toString("base64"),
  ),
]);

const leaks = (text: string): readonly string[] => disguises.filter((form) => text.includes(form));

describe("runCli() on a file that is full of secrets", () => {
  it.each([
    [["validate", "c.yml"]],
    [["validate", "c.yml", "--json"]],
    [["plan", "c.yml"]],
    [["plan", "c.yml", "--node", "10.0.0.1"]],
  ])("runCli() prints none of them for %j", async (args) => {
    const { code, out, err } = await ran(args, { "c.yml": withSecrets });

    expect(code).toBe(0);
    expect(leaks(out + err)).toEqual([]);
  });

  it("runCli() prints them where it says so: in the plan as JSON", async () => {
    const { out } = await ran(["plan", "c.yml", "--json"], { "c.yml": withSecrets });

    expect(leaks(out)).not.toEqual([]);
  });

  it.each([
    ["a slip in the indentation", withSecrets.replace("  user: ubuntu", "   user: ubuntu")],
    ["a wrong type", withSecrets.replace(`password: ${secret}`, `password: [${secret}]`)],
    ["a missing bucket", withSecrets.replace("bucket_name: b, ", "")],
    ["a repeated key", withSecrets.replace(`password: ${secret}`, `password: x, password: ${secret}`)],
    ["a wrong key", withSecrets.replace(`password: ${secret}`, `passwort: ${secret}`)],
    ["an unknown role", withSecrets.replace("worker]", "master]")],
    ["a line that is not indented", withSecrets.replace(`    ${keyLine}`, keyLine)],
    ["quotes that do not end", withSecrets.replace(`password: ${secret}`, `password: "${secret}`)],
    ["a tab before a line of a key", withSecrets.replace(`    ${keyLine}`, `\t${keyLine}`)],
  ])("runCli() prints none of them where there is %s", async (_, clusterYml) => {
    const { code, out, err } = await ran(["validate", "c.yml", "--strict"], { "c.yml": clusterYml });

    expect([code, out]).toEqual([1, ""]);
    expect(leaks(err)).toEqual([]);
  });
});
