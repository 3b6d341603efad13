import { describe, expect, it } from "vitest";

import {
  addWorkers,
  changeEtcdNodes,
  changeFormerControlPlanes,
  changeWorkers,
} from "../../../../provider/reconcile/phases/worker-plane.ts";
import type { Phase } from "../../../../provider/reconcile/runbook.ts";
import { up } from "../../../../provider/reconcile/up.ts";
import {
  aMachine,
  aWorld,
  everything,
  lanesOf,
  master,
  nodesOf,
  type Roles,
  titlesOf,
  worker,
} from "../../../support/facts.ts";

import type { ModelCluster } from "../../../support/model.ts";

const eleven: readonly Roles[] = [everything, ...Array.from({ length: 10 }, () => worker)];
const nodes = nodesOf(...eleven);
const withWidth = (maxUnavailableWorker: string | number) => ({
  nodes,
  services: { kubelet: { extraArgs: { "max-pods": "200" } } },
  upgradeStrategy: { maxUnavailableWorker },
});

const nodesIn = (phase: Phase | undefined): readonly (string | undefined)[] =>
  (phase?.lanes ?? []).map((lane) => lane.find(({ node }) => node !== undefined)?.node);

describe("addWorkers()", () => {
  it("starts those that are new, all at once, with nothing taken out of scheduling", async () => {
    const after = [...nodes, aMachine(20, worker), aMachine(21, worker)];
    const world = await aWorld({ args: { nodes: after }, before: { nodes } });
    const phase = addWorkers(world);

    expect(lanesOf(phase)).toHaveLength(2);
    expect(lanesOf(phase)[0]?.at(-1)).toBe("wait until kube-proxy is healthy");
  });

  it("leaves the workers of a new cluster to those who start it", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });

    expect(lanesOf(addWorkers(world))).toEqual([]);
  });
});

describe("changeWorkers()", () => {
  it.each([
    [1, 1],
    [3, 3],
    ["10%", 1],
    ["25%", 2],
    ["50%", 5],
  ])("with maxUnavailableWorker %s of ten goes %i at a time", async (maxUnavailable, width) => {
    const world = await aWorld({ args: withWidth(maxUnavailable), before: { nodes } });

    expect(changeWorkers(world)?.width).toBe(width);
  });

  it("takes a worker that cannot be reached from what is allowed, and does not touch it", async () => {
    const world = await aWorld({
      args: withWidth(3),
      before: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.4").answers = "to nobody";
      },
    });
    const phase = changeWorkers(world);

    expect(phase?.width).toBe(2);
    expect(nodesIn(phase)).not.toContain("10.0.0.4");
  });

  it("takes a worker that is not Ready, and that nothing is done about, from what is allowed", async () => {
    const world = await aWorld({
      args: { nodes, upgradeStrategy: { maxUnavailableWorker: 2 } },
      since: (cluster) => {
        Object.assign(cluster.nodes.get("node-5") ?? {}, { isSettling: true });
        cluster.kill("10.0.0.6", "kube-proxy");
      },
    });

    expect(changeWorkers(world)?.width).toBe(1);
  });

  it("waits for such a worker where nothing is left of what is allowed", async () => {
    const world = await aWorld({
      args: { nodes, upgradeStrategy: { maxUnavailableWorker: 1 } },
      since: (cluster) => {
        Object.assign(cluster.nodes.get("node-5") ?? {}, { isSettling: true });
        cluster.kill("10.0.0.6", "kube-proxy");
      },
    });
    const phase = changeWorkers(world);

    expect(phase?.width).toBe(1);
    expect(lanesOf(phase)[0]).toEqual(["wait until node-5 is Ready"]);
  });

  it("goes to those first that serve nobody", async () => {
    const world = await aWorld({
      args: withWidth(1),
      before: { nodes },
      since: (cluster) => {
        cluster.stop("10.0.0.9", "kubelet");
        Object.assign(cluster.nodes.get("node-8") ?? {}, { cordon: "ours" });
      },
    });

    expect(nodesIn(changeWorkers(world)).slice(0, 2)).toEqual(["10.0.0.8", "10.0.0.9"]);
  });

  it("refuses when as many are missing as may be, with numbers", async () => {
    const world = await aWorld({
      args: withWidth("10%"),
      before: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.4").answers = "to nobody";
      },
    });

    expect(() => changeWorkers(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot change the worker nodes: 1 of 10 are missing already (node-4 (10.0.0.4) cannot be reached), and maxUnavailable is 10%, which allows 1
        Bring the nodes back or take them out of the cluster, then try again; or allow more to be unavailable]
    `);
  });

  it("repairs a worker that is down whoever else is missing", async () => {
    const world = await aWorld({
      args: { nodes, upgradeStrategy: { maxUnavailableWorker: 1 } },
      since: (cluster) => {
        cluster.machine("10.0.0.4").answers = "to nobody";
        cluster.stop("10.0.0.5", "kubelet");
      },
    });

    expect(nodesIn(changeWorkers(world))).toEqual(["10.0.0.5"]);
  });
});

describe("changeEtcdNodes()", () => {
  it("goes one after another whatever may be missing of the workers", async () => {
    const mixed = nodesOf(everything, ["etcd"], ["etcd", "worker"], worker);
    const args = { ...withWidth("100%"), nodes: mixed };
    const world = await aWorld({ args, before: { nodes: mixed } });
    const phase = changeEtcdNodes(world);

    expect(phase.width).toBe(1);
    expect(nodesIn(phase)).toEqual(["10.0.0.2", "10.0.0.3"]);
  });
});

describe("changeFormerControlPlanes()", () => {
  const before = { nodes: nodesOf(master, master, worker, worker, worker) };
  const after = { nodes: nodesOf(["etcd"], worker, ["etcd", "controlplane"], worker, worker) };

  it("comes after all others know the new API servers: until then their proxies ask the old ones", async () => {
    const titles = titlesOf(up(await aWorld({ args: after, before })));
    const phases = [
      "Repair control planes",
      "Change workers",
      "Change former control planes to etcd nodes",
      "Change former control planes to workers",
      "Take members out of etcd",
    ];

    expect(titles.filter((title) => phases.includes(title))).toEqual(phases);
  });

  it("leaves no other phase a node whose API server goes", async () => {
    const world = await aWorld({ args: after, before });

    expect(nodesIn(changeEtcdNodes(world))).toEqual([]);
    expect(nodesIn(changeWorkers(world))).toEqual(["10.0.0.4", "10.0.0.5"]);
    expect(changeFormerControlPlanes(world).map(nodesIn)).toEqual([["10.0.0.1"], ["10.0.0.2"]]);
  });

  it("goes on with a node whose API server is gone already as with any other", async () => {
    const since = (cluster: ModelCluster) => cluster.kill("10.0.0.1", "kube-apiserver");
    const world = await aWorld({ args: after, before, since });

    expect(nodesIn(changeEtcdNodes(world))).toEqual(["10.0.0.1"]);
  });

  it("counts workers that are missing, as those who change workers do", async () => {
    const since = (cluster: ModelCluster) => {
      cluster.machine("10.0.0.5").answers = "to nobody";
    };
    const kubelet = { services: { kubelet: { extraArgs: { "max-pods": "200" } } } };
    const world = await aWorld({ args: { ...after, ...kubelet }, before, since });

    expect(() => changeFormerControlPlanes(world)).toThrow("1 of 3 are missing already");
  });
});
