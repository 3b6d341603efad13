import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

/** The compiled package: Pulumi serialises what the test runner has not rewritten. */
const { EtcdBackup, RkeCluster, RkeIdentity, RkeNode } = createRequire(__filename)(
  "pulumi-rke",
) as typeof import("../../sdk/index.ts");

const registered: pulumi.runtime.MockResourceArgs[] = [];

beforeAll(async () => {
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: (args) => {
      registered.push(args);
      const made = { kubeconfig: "config", clusterId: "id", bundle: "{}", hostKey: "SHA256:seen" };
      return { id: args.name, state: { ...args.inputs, ...made } };
    },
  });
});
beforeEach(() => {
  registered.length = 0;
});

/** What was registered of a kind, once all of it was. */
async function inputsOf(...resources: readonly pulumi.CustomResource[]): Promise<Record<string, unknown>> {
  for (const { urn } of resources) await new Promise((resolve) => urn.apply(resolve));
  return registered.find(({ type }) => type.endsWith(kindOf(resources.at(-1))))?.inputs ?? {};
}

const kindOf = (resource: pulumi.CustomResource | undefined): string =>
  resource instanceof EtcdBackup ? "EtcdBackup" : "RkeCluster";

const machine = { host: "192.0.2.1", user: "rke", privateKey: "the key" };

describe("RkeCluster", () => {
  it("registers nodes by name, and the ways to them beside", async () => {
    const node = new RkeNode("web-1", { ...machine, roles: ["etcd", "controlplane"] });
    const cluster = new RkeCluster("prod", { nodes: [node, { name: "web-2", ...machine, roles: ["worker"] }] });

    const { nodes, connections } = await inputsOf(node, cluster);

    expect(nodes).toEqual({
      "web-1": { host: "192.0.2.1", user: "rke", roles: ["etcd", "controlplane"] },
      "web-2": { host: "192.0.2.1", user: "rke", roles: ["worker"] },
    });
    expect(connections).toMatchObject({ value: { "web-2": { privateKey: expect.anything() } } });
  });

  it("makes an identity of its own beside it", async () => {
    const cluster = new RkeCluster("prod", { nodes: [{ name: "a", ...machine, roles: ["worker"] }] });

    await inputsOf(cluster);

    expect(registered.map(({ name }) => name)).toContain("prod-identity");
  });

  it("uses the identity that it is given", async () => {
    const identity = new RkeIdentity("keys", { server: "k8s.example.com" });
    const cluster = new RkeCluster("prod", { nodes: [{ name: "a", ...machine, roles: ["worker"] }], identity });

    const { server } = await inputsOf(identity, cluster);

    expect(server).toBe("k8s.example.com");
    expect(registered.map(({ name }) => name)).not.toContain("prod-identity");
  });

  it("takes nodes in the words of cluster.yml, and calls them by their addresses", async () => {
    const cluster = new RkeCluster("prod", { nodes: [{ address: "192.0.2.1", role: ["worker"], sshKey: "the key" }] });

    const { nodes } = await inputsOf(cluster);

    expect(nodes).toEqual({ "192.0.2.1": { host: "192.0.2.1", roles: ["worker"] } });
  });

  it("gives the state of a cluster of rke to its identity too, as a secret", async () => {
    const adopt = { rkeState: "{}" };
    const cluster = new RkeCluster("old", { nodes: [{ name: "a", ...machine, roles: ["worker"] }], adopt });

    const inputs = await inputsOf(cluster);

    const identity = registered.find(({ name }) => name === "old-identity")?.inputs;
    expect(identity?.adopt).toMatchObject({ value: adopt });
    expect(inputs.adopt).toMatchObject({ value: adopt });
  });

  it("tells the provider whether this is a preview, and which row is its own", async () => {
    const parent = new pulumi.ComponentResource("my:Platform", "platform");
    const cluster = new RkeCluster("prod", { nodes: [{ name: "a", ...machine, roles: ["worker"] }] }, { parent });

    const { __call: call } = await inputsOf(cluster);

    const urn = await new Promise((resolve) => cluster.urn.apply(resolve));
    expect(call).toEqual({ isPreview: false, urn });
  });

  it("tells which row is its own where it stands below the stack, too", async () => {
    const cluster = new RkeCluster("prod", { nodes: [{ name: "a", ...machine, roles: ["worker"] }] });

    const { __call: call } = await inputsOf(cluster);

    const urn = await new Promise((resolve) => cluster.urn.apply(resolve));
    expect(call).toEqual({ isPreview: false, urn });
  });

  it("refuses two nodes of one name", () => {
    const node = { name: "a", ...machine, roles: ["worker"] } as const;

    expect(() => new RkeCluster("prod", { nodes: [node, node] })).toThrow('two of its nodes are called "a"');
  });

  it("asks for the name of a node whose address is still to come", () => {
    const node = { host: pulumi.output("192.0.2.1"), roles: ["worker"] } as const;

    expect(() => new RkeCluster("prod", { nodes: [node] })).toThrow("nodes[0] has no name that is known");
  });

  it("says why it cannot be imported", () => {
    expect(() => new RkeCluster("prod", { nodes: [] }, { import: "x" })).toThrow('Cannot import RkeCluster "prod"');
  });
});

describe("EtcdBackup", () => {
  const cluster = () => new RkeCluster("prod", { nodes: [{ name: "a", ...machine, roles: ["etcd"] }] });

  it("registers its places in the open, and what is secret about them beside", async () => {
    const s3 = { bucketName: "backups", accessKey: "key", secretKey: "the secret" };
    const backup = new EtcdBackup("nightly", { cluster: cluster(), storage: { s3, nodes: true } });

    const inputs = await inputsOf(backup);

    expect(inputs).toMatchObject({
      resourceName: "nightly",
      clusterId: "id",
      state: "none",
      storage: { s3: { bucketName: "backups", accessKey: "key" }, nodes: true },
      secrets: { value: { "storage.s3.secretKey": expect.anything() } },
    });
    expect(JSON.stringify(inputs.storage)).not.toContain("the secret");
  });

  it("gives nothing of the cluster's state away unless it is to go with the snapshot", async () => {
    const backup = new EtcdBackup("nightly", { cluster: cluster(), storage: { folder: "backups" } });

    expect(await inputsOf(backup)).not.toHaveProperty("rkeState");
  });

  it("encrypts it where there is a passphrase", async () => {
    const storage = { folder: "backups" };
    const backup = new EtcdBackup("nightly", { cluster: cluster(), storage, passphrase: "correct horse" });

    const { state, secrets, storage: registeredStorage } = await inputsOf(backup);

    expect([state, registeredStorage]).toEqual(["encrypted", storage]);
    expect(secrets).toMatchObject({ value: { passphrase: expect.anything() } });
  });

  it("says why it cannot be imported", () => {
    const args = { cluster: cluster(), storage: { folder: "backups" } };

    expect(() => new EtcdBackup("nightly", args, { import: "x" })).toThrow('Cannot import EtcdBackup "nightly"');
  });
});
