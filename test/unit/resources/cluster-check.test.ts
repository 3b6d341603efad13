import { beforeAll, describe, expect, it } from "vitest";

import { unknownValue } from "../../../provider/config/unknowns.ts";
import { checkCluster } from "../../../provider/resources/cluster-check.ts";
import type { Properties } from "../../../provider/resources/handler.ts";
import { identityHandler } from "../../../provider/resources/identity.ts";
import { surroundings } from "./surroundings.ts";

let identity: Properties;
beforeAll(async () => {
  identity = (await identityHandler(surroundings()).create({ news: {} })).outs;
});

const node = (address: unknown, ...roles: string[]) => ({ host: address, user: "rke", roles });

function news(changes: Properties = {}): Properties {
  const { bundle, kubeconfig, clusterId } = identity;
  return {
    name: "prod",
    kubernetesVersion: "v1.31.4-rancher1-1",
    nodes: { a: node("10.0.0.1", "worker", "etcd", "controlplane") },
    connections: {},
    secrets: {},
    identity: bundle,
    kubeconfig,
    clusterId,
    ...changes,
  };
}

const changed = (changes: Properties, first: Properties = {}) => {
  const { inputs: olds } = checkCluster({}, news(first));
  return checkCluster(olds, news({ ...first, ...changes }));
};

describe("checkCluster()", () => {
  it("says in words what runs on each plane", () => {
    const { inputs } = checkCluster({}, news());

    expect(inputs.planes).toEqual({
      etcd: "v3.5.15, 1 node",
      controlplane: "v1.31.4, 1 node",
      worker: "v1.31.4, 1 node",
      addons: "canal, coredns, nginx, metrics-server",
    });
  });

  it("says how many nodes are replaced at a time", () => {
    const three = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
    const nodes = Object.fromEntries(
      three.map((address) => [address, node(address, "etcd", "controlplane", "worker")]),
    );

    const { inputs } = checkCluster({}, news({ nodes, upgradeStrategy: { maxUnavailableWorker: 2 } }));

    expect(inputs.planes).toMatchObject({
      controlplane: "v1.31.4, 3 nodes, one at a time",
      worker: "v1.31.4, 3 nodes, one at a time",
    });
  });

  it("names all that is wrong at once, by the places in the program", () => {
    const nodes = { a: node("10.0.0.1", "etcd", "master"), b: node("not an address", "controlplane") };

    const { failures } = checkCluster({}, news({ nodes, waive: ["nothing"], timeouts: { create: "long" } }));

    expect(failures.map(({ property }) => property)).toEqual([
      "timeouts.create",
      "waive[0]",
      "nodes.a.roles[1]",
      "nodes.b.host",
    ]);
  });

  it("finds a role where the program has it", () => {
    const { failures } = checkCluster({}, news({ nodes: { a: node("10.0.0.1", "worker", "boss", "etcd") } }));

    expect(failures.map(({ property }) => property)).toContain("nodes.a.roles[1]");
  });

  it("takes nothing that is not known yet for wrong", () => {
    const nodes = { a: node(unknownValue, "etcd", "controlplane", "worker") };

    const { failures } = checkCluster({}, news({ nodes, connections: unknownValue, identity: unknownValue }));

    expect(failures).toEqual([]);
  });

  it("keeps the version that was resolved once", () => {
    const { inputs: olds } = checkCluster({}, news({ kubernetesVersion: undefined }));

    const { inputs } = checkCluster({ ...olds, release: "v1.30.9-rancher1-1" }, news({ kubernetesVersion: undefined }));

    expect(inputs.release).toBe("v1.30.9-rancher1-1");
  });

  it("follows the version that the program names", () => {
    const { inputs } = changed({ kubernetesVersion: "v1.32.6-rancher1-1" });

    expect(inputs).toMatchObject({ release: "v1.32.6-rancher1-1", planes: { worker: "v1.32.6, 1 node" } });
  });

  it("leads the kubeconfig to the first control plane and leaves it there", () => {
    const nodes = { "0-new": node("10.0.0.9", "controlplane"), ...(news().nodes as object) };

    const { inputs } = changed({ nodes });

    expect(inputs.server).toBe("10.0.0.1");
    expect(inputs.kubeconfig).toContain("https://10.0.0.1:6443");
  });

  it("leads the kubeconfig elsewhere when its control plane goes", () => {
    const { inputs } = changed(
      { nodes: { b: node("10.0.0.2", "etcd", "controlplane") } },
      { nodes: { a: node("10.0.0.1", "controlplane"), b: node("10.0.0.2", "etcd", "controlplane") } },
    );

    expect(inputs.kubeconfig).toContain("https://10.0.0.2:6443");
  });

  it("leads the kubeconfig to the endpoint that the program gives", () => {
    const { inputs } = changed({ server: "k8s.example.com" });

    expect(inputs.kubeconfig).toContain("https://k8s.example.com:6443");
  });

  it.each([
    ["network.plugin", { network: { plugin: "calico" } }],
    ["services.kubeApi.serviceClusterIpRange", { services: services("10.44.0.0/16") }],
    ["prefixPath", { prefixPath: "/opt" }],
    ["identity", { clusterId: "another" }],
    ["nodes", { nodes: { b: node("10.0.0.2", "etcd", "controlplane", "worker") } }],
  ])("refuses to move %s under a living cluster", (property, changes) => {
    const { failures } = changed(changes);

    expect(failures.map((failure) => failure.property)).toContain(property);
  });

  it("does not mind the order of roles", () => {
    const one = checkCluster({}, news({ nodes: { a: node("10.0.0.1", "etcd", "controlplane", "worker") } }));
    const other = checkCluster({}, news({ nodes: { a: node("10.0.0.1", "worker", "etcd", "controlplane") } }));

    expect(one.inputs).toEqual(other.inputs);
  });
});

function services(serviceClusterIpRange: string): Properties {
  const kubelet = { clusterDnsServer: serviceClusterIpRange.replace(/0\/\d+$/, "10") };
  return { kubeApi: { serviceClusterIpRange }, kubeController: { serviceClusterIpRange }, kubelet };
}
