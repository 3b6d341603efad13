import { describe, expect, it } from "vitest";

import {
  cleanLeavingNodes,
  drainLeavingNodes,
  forgetLeavingNodes,
  stopLeavingControlPlanes,
} from "../../../../provider/reconcile/phases/leaving-nodes.ts";
import { up } from "../../../../provider/reconcile/up.ts";
import { aMachine, aWorld, lanesOf, linesOf, threeAndTwo, worker } from "../../../support/facts.ts";
import type { ModelCluster } from "../../../support/model.ts";

const nodes = threeAndTwo;

const without = (address: string, since: (cluster: ModelCluster) => void = () => undefined) =>
  aWorld({ args: { nodes: nodes.filter((node) => node.address !== address) }, before: { nodes }, since });

const isSilent = (address: string) => (cluster: ModelCluster) => {
  cluster.machine(address).answers = "to nobody";
};

describe("drainLeavingNodes()", () => {
  it("keeps pods off a node that leaves, and asks those on it to go", async () => {
    expect(lanesOf(drainLeavingNodes(await without("10.0.0.5")))).toEqual([["cordon node-5", "drain node-5"]]);
  });

  it("takes pods with them that nobody would bring back: the machine is cleaned", async () => {
    const drain = drainLeavingNodes(await without("10.0.0.5"))
      .lanes.flat()
      .at(-1);

    expect(drain?.params).toMatchObject({ options: { force: true, deleteLocalData: true } });
  });

  it("does not try to drain a node that is not Ready", async () => {
    expect(lanesOf(drainLeavingNodes(await without("10.0.0.5", isSilent("10.0.0.5"))))).toEqual([["cordon node-5"]]);
  });

  it("comes after new nodes can take the pods, and before the workers change", async () => {
    const after = [...nodes.slice(0, 4), aMachine(6, worker)];
    const args = { nodes: after, services: { kubelet: { extraArgs: { "max-pods": "200" } } } };
    const titles = up(await aWorld({ args, before: { nodes } })).map(({ title }) => title);
    const [added, drained, changed] = ["Start Kubernetes on new nodes", "Drain nodes that leave", "Change workers"];

    expect(titles.filter((title) => [added, drained, changed].includes(title))).toEqual([added, drained, changed]);
  });

  it("leaves the Node object alone that goes over to another machine", async () => {
    const after = nodes.map((node) => (node.address === "10.0.0.5" ? { ...node, address: "10.0.1.5" } : node));
    const world = await aWorld({ args: { nodes: after }, before: { nodes } });

    expect(lanesOf(drainLeavingNodes(world))).toEqual([]);
    expect(lanesOf(forgetLeavingNodes(world))).toEqual([]);
    expect(lanesOf(cleanLeavingNodes(world))).toEqual([["clean the machine"]]);
  });
});

describe("stopLeavingControlPlanes()", () => {
  it("stops the API server last on its machine", async () => {
    expect(lanesOf(stopLeavingControlPlanes(await without("10.0.0.1")))).toEqual([
      ["remove kube-scheduler", "remove kube-controller-manager", "remove kube-apiserver"],
    ]);
  });

  it("has nothing to do for workers", async () => {
    expect(lanesOf(stopLeavingControlPlanes(await without("10.0.0.5")))).toEqual([]);
  });
});

describe("a node that leaves and does not answer", () => {
  it("loses its Node object, and nothing is tried on its machine", async () => {
    const lines = linesOf(up(await without("10.0.0.5", isSilent("10.0.0.5"))));

    expect(lines).toEqual([
      "Drain nodes that leave: - cordon node-5",
      "Forget nodes that leave: - delete the Node node-5",
    ]);
  });

  it("loses its member of etcd, when the others are a majority", async () => {
    const steps = up(await without("10.0.0.1", isSilent("10.0.0.1"))).flatMap(({ lanes }) => lanes.flat());

    expect(steps.filter(({ node }) => node === "10.0.0.1").map(({ title }) => title)).toEqual([
      "remove etcd-node-1 from etcd",
    ]);
  });

  it("keeps it, and stops the run, when they are not", async () => {
    const world = await without("10.0.0.1", (cluster) => {
      isSilent("10.0.0.1")(cluster);
      isSilent("10.0.0.2")(cluster);
    });

    expect(() => up(world)).toThrow("1 of 3 members are healthy and quorum is 2");
  });
});

describe("forgetLeavingNodes()", () => {
  it("comes after the machine is clean: a kubelet that runs would register again", async () => {
    const titles = up(await without("10.0.0.5")).map(({ title }) => title);

    expect(titles.indexOf("Clean nodes that leave")).toBeLessThan(titles.indexOf("Forget nodes that leave"));
  });

  it("tries by name while the API is silent: nobody could see whether there is such a Node", async () => {
    const world = await without("10.0.0.5", (cluster) => {
      for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) cluster.stop(address, "kube-apiserver");
    });

    expect(lanesOf(forgetLeavingNodes(world))).toEqual([["delete the Node node-5"]]);
  });
});

describe("cleanLeavingNodes()", () => {
  it("has nothing to do on a machine that is clean", async () => {
    const world = await without("10.0.0.5", (cluster) => cluster.wipe("10.0.0.5"));

    expect(lanesOf(cleanLeavingNodes(world))).toEqual([]);
  });
});
