import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { aLabCluster, containersOf, type LabCluster } from "./cluster.ts";
import { leftoversOn } from "./leftovers.ts";
import { apiName, nodeAddress } from "./machines.ts";
import { aProber } from "./prober.ts";
import type { Roles, Wanted } from "./program.ts";
import { deployWeb, webOn } from "./web.ts";

/** What somebody hears whose request is under way in a member of etcd that stops. */
const ofEtcd = /malformed header: missing HTTP content-type|server closed the stream without sending trailers/;

const all: Roles = ["etcd", "controlplane", "worker"];
const worker: Roles = ["worker"];
const machines = [1, 2, 3, 4];

let cluster: LabCluster;
let leftOn: ReturnType<typeof leftoversOn>;

beforeAll(async () => {
  leftOn = leftoversOn(machines);
  cluster = await aLabCluster();
});

afterAll(async () => {
  await cluster?.close();
});

/**
 * The life of one cluster on real machines: each test goes on where the one before has stopped. It has no metrics-server, for
 * which two of them would wait half a minute, and which the other stories have.
 */
describe("A cluster on real machines", { sequential: true }, () => {
  let wanted: Wanted = {
    kubernetesVersion: "v1.31.4-rancher1-1",
    endpoint: apiName,
    monitoring: { provider: "none" },
    // As docs/no-downtime.md says: API servers ask once more when another member leads etcd.
    services: { kubeApi: { extraArgs: { "feature-gates": "APIServerTracing=false" } } },
    nodes: { 1: all, 2: all, 3: all },
  };

  it("is created, with every node ready", async () => {
    await cluster.apply(wanted);

    expect(cluster.versions()).toEqual({ node1: "v1.31.4", node2: "v1.31.4", node3: "v1.31.4" });
  });

  it("has no drift and nothing to do", async () => {
    expect(await cluster.stack.refresh()).toMatchObject({ failure: undefined, changes: {} });
    expect(await cluster.stack.preview()).toMatchObject({ failure: undefined, changes: {} });
  });

  it("gets a worker, which touches no other node", async () => {
    wanted = { ...wanted, nodes: { ...wanted.nodes, 4: worker } };
    const running = containersOf(1);

    await cluster.apply(wanted);

    expect(Object.keys(cluster.versions())).toContain("node4");
    expect(containersOf(1)).toEqual(running);
  });

  it("is upgraded, and neither its API nor a workload is missed meanwhile", async () => {
    wanted = { ...wanted, kubernetesVersion: "v1.32.2-rancher1-1" };
    await deployWeb(cluster.kubectl, [1, 2, 3, 4].map(nodeAddress));
    const prober = aProber({
      kubeconfig: cluster.kubeconfig(),
      targets: {
        api: `https://${apiName}:6443/api/v1/namespaces/default`,
        ...Object.fromEntries([1, 2, 3, 4].map((index) => [`web on node${index}`, webOn(nodeAddress(index))])),
      },
    });

    await cluster.apply(wanted);
    const seen = await prober.stop();

    expect(cluster.versions()).toEqual({ node1: "v1.32.2", node2: "v1.32.2", node3: "v1.32.2", node4: "v1.32.2" });
    expect(Math.min(...seen.map(({ requests }) => requests))).toBeGreaterThan(20);
    const refused = seen.filter(({ failed }) => failed > 0);
    expect(refused.filter(({ name }) => name !== "api")).toEqual([]);
    // One upgrade in fifty meets such a moment at five requests a second.
    expect(Math.max(0, ...refused.map(({ failed }) => failed))).toBeLessThan(2);
    expect(refused.flatMap(({ failures }) => failures).filter((text) => !ofEtcd.test(text))).toEqual([]);
  });

  it("lets a worker go, whose machine is as it was", async () => {
    const { 4: _, ...nodes } = wanted.nodes;
    wanted = { ...wanted, nodes };

    await cluster.apply(wanted);

    expect(Object.keys(cluster.versions())).toEqual(["node1", "node2", "node3"]);
    expect(leftOn(4)).toEqual([]);
  });

  it("is destroyed, and its machines are as they were", async () => {
    await cluster.destroy();

    expect(leftOn(...machines)).toEqual([]);
  });
});
