import { beforeAll, describe, expect, it } from "vitest";

import { fromRkeState } from "../../../provider/pki/rke-state.ts";
import { clusterOuts } from "../../../provider/resources/cluster-outs.ts";
import type { Properties } from "../../../provider/resources/handler.ts";
import { readClusterState } from "../../../provider/state/cluster-state.ts";
import { stateVersion } from "../../../provider/state/migrate.ts";
import { aWorld, threeAndTwo, type Wanted, wanted } from "../../support/facts.ts";
import { fingerprints } from "../pki/world.ts";

const inputs = {
  __provider: "text",
  name: "prod",
  nodes: Object.fromEntries(
    threeAndTwo.map(({ address, hostnameOverride, role }) => [hostnameOverride, { host: address, roles: role }]),
  ),
};

let made: Wanted;
let outs: Properties;
beforeAll(async () => {
  made = await wanted({ nodes: threeAndTwo });
  const { facts } = await aWorld({ args: { nodes: threeAndTwo } });
  outs = outsWith({ facts });
});

const outsWith = (changes: Partial<Parameters<typeof clusterOuts>[0]>): Properties =>
  clusterOuts({
    inputs,
    config: made.config,
    certificates: made.certificates,
    encryptionKeys: [],
    adoptedKeys: [],
    facts: undefined,
    applied: undefined,
    attempted: [],
    ways: {},
    ...changes,
  });

describe("clusterOuts()", () => {
  it("keeps the inputs under their names, for the deletion that is given nothing else", () => {
    expect(outs).toMatchObject(inputs);
  });

  it("is read again as what the cluster remembers", () => {
    const { certificates, ...rest } = readClusterState(outs);

    expect(fingerprints(fromRkeState(JSON.parse(certificates))).toSorted()).toEqual(
      fingerprints(made.certificates).toSorted(),
    );
    expect(rest).toMatchObject({ stateVersion, attempted: [], ways: {} });
  });

  it("names the API servers and says when each certificate ends", () => {
    expect(outs.endpoints).toEqual(["https://10.0.0.1:6443", "https://10.0.0.2:6443", "https://10.0.0.3:6443"]);
    expect(outs.certificateExpiry).toMatchObject({ "kube-ca": expect.stringMatching(/^20\d\d-\d\d-\d\dT/) });
  });

  it("says what was seen of each node, by its name in the program", () => {
    expect(outs.nodeStatus).toMatchObject({ "node-5": { status: "ready" } });
  });

  it("says that a machine does not answer, and why", async () => {
    const { facts } = await aWorld({ args: { nodes: threeAndTwo } });
    const silent = { status: "unreachable", code: "ssh", because: "no route" } as const;

    const { nodeStatus } = outsWith({ facts: { ...facts, nodes: { ...facts.nodes, "10.0.0.5": silent } } });

    expect(nodeStatus).toMatchObject({ "node-5": { status: "unreachable", because: "no route" } });
  });

  it("keeps the keys for Secrets that were taken over, and no others", () => {
    const keys = [{ name: "k1", secret: "c2VjcmV0" }];

    expect(outsWith({ encryptionKeys: keys })).not.toHaveProperty("encryptionKeys");
    expect(outsWith({ encryptionKeys: keys, adoptedKeys: keys }).encryptionKeys).toEqual(keys);
  });
});

describe("rkeState", () => {
  const state = () => JSON.parse(String(outs.rkeState));

  it("has what rke wants as the same in both halves: nothing is under way", () => {
    expect(Object.keys(state())).toEqual(["desiredState", "currentState"]);
    expect(state().desiredState).toEqual(state().currentState);
  });

  it("describes the cluster in the words of rke", () => {
    const { rkeConfig } = state().currentState;

    expect(rkeConfig).toMatchObject({
      kubernetesVersion: "v1.31.4-rancher1-1",
      services: { kubeApi: { serviceClusterIpRange: "10.43.0.0/16" } },
    });
    expect(rkeConfig.nodes).toHaveLength(5);
    expect(rkeConfig.nodes[4]).toMatchObject({ address: "10.0.0.5", role: ["worker"], hostnameOverride: "node-5" });
  });

  it("holds every certificate with the fields that rke reads", () => {
    const { certificatesBundle } = state().currentState;

    expect(Object.keys(certificatesBundle)).toEqual(Object.keys(made.certificates).toSorted());
    expect(certificatesBundle["kube-ca"]).toMatchObject({
      certificatePEM: expect.stringContaining("BEGIN CERTIFICATE"),
      keyPEM: expect.stringContaining("BEGIN RSA PRIVATE KEY"),
      path: "/etc/kubernetes/ssl/kube-ca.pem",
    });
    expect(certificatesBundle["kube-admin"].config).toContain("clusters:");
  });

  it("says how Secrets are encrypted only where they are", async () => {
    const secretsEncryptionConfig = { enabled: true };
    const { config } = await wanted({ nodes: threeAndTwo, services: { kubeApi: { secretsEncryptionConfig } } });

    const encrypted = outsWith({ config, encryptionKeys: [{ name: "k1", secret: "c2VjcmV0" }] });

    expect(state().currentState).not.toHaveProperty("encryptionConfig");
    expect(JSON.parse(String(encrypted.rkeState)).currentState.encryptionConfig).toMatch(
      /name: k1\n {8}secret: c2VjcmV0/,
    );
  });
});
