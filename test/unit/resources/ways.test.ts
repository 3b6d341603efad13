import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import type { Connection } from "../../../provider/hosts/connection.ts";
import type { Properties } from "../../../provider/resources/handler.ts";
import { parsedInputs } from "../../../provider/resources/parsed-inputs.ts";
import { connectionBy, waysTo } from "../../../provider/resources/ways.ts";

afterEach(() => vi.unstubAllEnvs());

/** What a connection holds, its secrets opened: they all look alike otherwise. */
const opened = ({ privateKey, privateKeyPassphrase, proxy, ...rest }: Connection): object => ({
  ...rest,
  ...(privateKey && { privateKey: privateKey.unwrap() }),
  ...(privateKeyPassphrase && { privateKeyPassphrase: privateKeyPassphrase.unwrap() }),
  ...(proxy && { proxy: opened(proxy) }),
});

function aFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-rke-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "key");
  writeFileSync(path, content);
  return path;
}

describe("connectionBy()", () => {
  it("takes what is given, and the usual port and user for what is not", () => {
    expect(opened(connectionBy({ host: "10.0.0.1", privateKey: "the key" }))).toEqual({
      host: "10.0.0.1",
      port: 22,
      user: "root",
      privateKey: "the key",
    });
  });

  it("hands everything on that a person can say about a way in", () => {
    const way = {
      host: "10.0.0.1",
      port: "2222",
      user: "rke",
      privateKey: "the key",
      privateKeyPassword: "the password",
      agentSocketPath: "/run/agent",
      certificate: "the certificate",
      hostKey: "SHA256:x",
      dockerSocket: "/run/docker.sock",
      proxy: { host: "bastion", privateKey: "another key" },
    };

    expect(opened(connectionBy(way))).toEqual({
      host: "10.0.0.1",
      port: 2222,
      user: "rke",
      privateKey: "the key",
      privateKeyPassphrase: "the password",
      agentSocketPath: "/run/agent",
      certificate: "the certificate",
      hostKey: "SHA256:x",
      dockerSocketPath: "/run/docker.sock",
      proxy: { host: "bastion", port: 22, user: "root", privateKey: "another key" },
    });
  });

  it("asks an agent, where one is named, for a key that is not given", () => {
    expect(opened(connectionBy({ host: "a", agentSocketPath: "/run/agent" }))).not.toHaveProperty("privateKey");
  });

  it("asks the agent of the environment only where that is said", () => {
    vi.stubEnv("SSH_AUTH_SOCK", "/run/mine");
    const key = aFile("from a file");

    const asked = opened(connectionBy({ host: "a", sshAgentAuth: true, sshKeyPath: key }));
    const notAsked = opened(connectionBy({ host: "a", sshKeyPath: key }));

    expect(asked).toMatchObject({ agentSocketPath: "/run/mine" });
    expect(notAsked).toMatchObject({ privateKey: "from a file" });
    expect(notAsked).not.toHaveProperty("agentSocketPath");
  });

  it("reads the key and the certificate that are named by their files", () => {
    const way = { host: "a", sshKeyPath: aFile("the key"), sshCertPath: aFile("the certificate") };

    expect(opened(connectionBy(way))).toMatchObject({ privateKey: "the key", certificate: "the certificate" });
  });

  it("tries the key of whoever runs Pulumi when nothing is said, and says what to do without one", () => {
    vi.stubEnv("HOME", "/dev/null/nobody");

    expect(() => connectionBy({ host: "a" })).toThrow(
      /"~\/\.ssh\/id_rsa" cannot be read: ENOTDIR\n {2}Give privateKey or agentSocketPath/,
    );
  });
});

/** A key as far as the schema looks. */
const pem = (name: string) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${name}\n-----END OPENSSH PRIVATE KEY-----\n`;

describe("waysTo()", () => {
  const node = (address: string) => ({ host: "127.0.0.1", port: 2200, user: "rke", address, roles: ["worker"] });

  function ways(inputs: Properties, hostKeys: Readonly<Record<string, string>> = {}) {
    const all = {
      name: "prod",
      kubernetesVersion: "v1.31.4-rancher1-1",
      nodes: {
        b: node("10.0.0.2"),
        a: { ...node("10.0.0.1"), roles: ["etcd", "controlplane"] },
      },
      connections: { a: { privateKey: pem("a") }, b: { privateKey: pem("b") } },
      secrets: {},
      ...inputs,
    };
    return waysTo(parsedInputs(all).config, all, { hostKeys });
  }

  it("knows each machine by its address in the cluster, and reaches it where SSH does", () => {
    const found = ways({});

    expect(Object.keys(found)).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(found["10.0.0.2"]).toMatchObject({ host: "127.0.0.1", port: "2200", user: "rke", privateKey: pem("b") });
  });

  it("expects the host key that was seen first, unless the program names another", () => {
    const connections = { a: { privateKey: pem("a"), hostKey: "SHA256:said" }, b: { privateKey: pem("b") } };

    const found = ways({ connections }, { "10.0.0.1": "SHA256:seen", "10.0.0.2": "SHA256:seen" });

    expect(found["10.0.0.1"]?.hostKey).toBe("SHA256:said");
    expect(found["10.0.0.2"]?.hostKey).toBe("SHA256:seen");
  });

  it("goes through the bastion of the cluster, unless a node has a proxy of its own", () => {
    const bastionHost = { address: "bastion.example.com", user: "jump", port: "22" };
    const connections = { a: { privateKey: pem("a"), proxy: { host: "own" } }, b: { privateKey: pem("b") } };

    const found = ways({ bastionHost, connections, secrets: { "bastionHost.sshKey": pem("bastion") } });

    expect(found["10.0.0.1"]?.proxy).toEqual({ host: "own" });
    expect(found["10.0.0.2"]?.proxy).toMatchObject({
      host: "bastion.example.com",
      user: "jump",
      privateKey: pem("bastion"),
    });
  });
});
