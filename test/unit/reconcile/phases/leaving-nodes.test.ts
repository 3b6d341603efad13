import { describe, expect, it } from "vitest";

import {
  cleanLeavingNodes,
  cordonLeavingNodes,
  drainLeavingNodes,
  forgetLeavingNodes,
  stopLeavingControlPlanes,
} from "../../../../provider/reconcile/phases/leaving-nodes.ts";
import type { World } from "../../../../provider/reconcile/runbook.ts";
import { up } from "../../../../provider/reconcile/up.ts";
import {
  aMachine,
  aWorld,
  everything,
  lanesOf,
  linesOf,
  nodesOf,
  threeAndTwo,
  worker,
} from "../../../support/facts.ts";
import { aNode, type ModelCluster } from "../../../support/model.ts";

const nodes = threeAndTwo;

const without = (address: string, since: (cluster: ModelCluster) => void = () => undefined) =>
  aWorld({ args: { nodes: nodes.filter((node) => node.address !== address) }, before: { nodes }, since });

const isSilent = (address: string) => (cluster: ModelCluster) => {
  cluster.machine(address).answers = "to nobody";
};

/** Ten workers, of which six are to leave. */
const withoutSix = (upgradeStrategy: object, since?: (cluster: ModelCluster) => void) => {
  const all = nodesOf(everything, ...Array.from({ length: 10 }, () => worker));
  const args = { nodes: all.slice(0, 5), upgradeStrategy };
  return aWorld({ args, before: { nodes: all, upgradeStrategy }, ...(since && { since }) });
};

const drains = (world: World): readonly string[] =>
  drainLeavingNodes(world).flatMap(({ title, width, lanes }) =>
    lanes.flat().map((step) => `${title} (${width}): ${step.title}`),
  );

describe("cordonLeavingNodes()", () => {
  it("keeps pods off all nodes that leave, so that none moves from one of them to the next", async () => {
    const world = await aWorld({ args: { nodes: nodes.slice(0, 3) }, before: { nodes } });
    const titles = up(world).map(({ title }) => title);

    expect(lanesOf(cordonLeavingNodes(world))).toEqual([["cordon node-4"], ["cordon node-5"]]);
    expect(titles.indexOf("Cordon nodes that leave")).toBeLessThan(titles.indexOf("Drain workers that leave"));
  });
});

describe("drainLeavingNodes()", () => {
  it("asks the pods on a node that leaves to go", async () => {
    expect(drains(await without("10.0.0.5"))).toEqual(["Drain workers that leave (1): drain node-5"]);
  });

  it("takes pods with them that nobody would bring back: the machine is cleaned", async () => {
    const drain = drainLeavingNodes(await without("10.0.0.5"))
      .flatMap(({ lanes }) => lanes.flat())
      .at(-1);

    expect(drain?.params).toMatchObject({ options: { force: true, deleteLocalData: true } });
  });

  it("does not try to drain a node that is not Ready", async () => {
    const world = await without("10.0.0.5", isSilent("10.0.0.5"));

    expect(lanesOf(cordonLeavingNodes(world))).toEqual([["cordon node-5"]]);
    expect(drains(world)).toEqual([]);
  });

  it("empties servers one at a time, before workers", async () => {
    const after = nodes.slice(2, 4);

    expect(drains(await aWorld({ args: { nodes: after }, before: { nodes } }))).toEqual([
      "Drain servers that leave (1): drain node-1",
      "Drain servers that leave (1): drain node-2",
      "Drain workers that leave (1): drain node-5",
    ]);
  });

  it.each([
    { maxUnavailableWorker: 1, atATime: 1 },
    { maxUnavailableWorker: 2, atATime: 2 },
    { maxUnavailableWorker: "50%", atATime: 5 },
  ])(
    "empties $atATime of 6 workers at a time where $maxUnavailableWorker of 10 may be missing",
    async ({ maxUnavailableWorker, atATime }) => {
      const [, drain] = drainLeavingNodes(await withoutSix({ maxUnavailableWorker }));

      expect(drain?.lanes).toHaveLength(6);
      expect(drain?.width).toBe(atATime);
    },
  );

  it("counts workers that are missing, and still goes on with one at a time", async () => {
    const one = await withoutSix({ maxUnavailableWorker: 3 }, isSilent("10.0.0.2"));
    const four = await withoutSix({ maxUnavailableWorker: 3 }, (cluster) => {
      for (const number of [2, 3, 4, 5]) isSilent(`10.0.0.${number}`)(cluster);
    });

    expect(drainLeavingNodes(one)[1]?.width).toBe(2);
    expect(drainLeavingNodes(four)[1]?.width).toBe(1);
  });

  it("comes after new nodes can take the pods, and before the workers change", async () => {
    const after = [...nodes.slice(0, 4), aMachine(6, worker)];
    const args = { nodes: after, services: { kubelet: { extraArgs: { "max-pods": "200" } } } };
    const titles = up(await aWorld({ args, before: { nodes } })).map(({ title }) => title);
    const [added, drained, changed] = ["Start Kubernetes on new nodes", "Drain workers that leave", "Change workers"];

    expect(titles.filter((title) => [added, drained, changed].includes(title))).toEqual([added, drained, changed]);
  });

  it("leaves the Node object alone that goes over to another machine", async () => {
    const after = nodes.map((node) => (node.address === "10.0.0.5" ? { ...node, address: "10.0.1.5" } : node));
    const world = await aWorld({ args: { nodes: after }, before: { nodes } });

    expect(lanesOf(cordonLeavingNodes(world))).toEqual([]);
    expect(drains(world)).toEqual([]);
    expect(lanesOf(forgetLeavingNodes(world))).toEqual([]);
    expect(cleanLeavingNodes(world).flatMap(lanesOf)).toEqual([["clean the machine"]]);
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
      "Cordon nodes that leave: - cordon node-5",
      "Leave machines that do not answer: 10.0.0.5 leave the machine uncleaned, since it does not answer",
      "Forget nodes that leave: - delete the Node node-5",
    ]);
  });

  it("loses its member of etcd, when the others are a majority", async () => {
    const steps = up(await without("10.0.0.1", isSilent("10.0.0.1"))).flatMap(({ lanes }) => lanes.flat());

    expect(steps.filter(({ node }) => node === "10.0.0.1").map(({ title }) => title)).toEqual([
      "remove etcd-node-1 from etcd",
      "leave the machine uncleaned, since it does not answer",
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

describe("a machine that stays under another name", () => {
  const renamed = nodes.map((node) => (node.address === "10.0.0.5" ? { ...node, hostnameOverride: "five" } : node));

  it("loses the Node object of its former name at the end", async () => {
    const lines = linesOf(up(await aWorld({ args: { nodes: renamed }, before: { nodes } })));

    expect(lines.at(-1)).toBe("Forget nodes that leave: - delete the Node node-5");
    expect(lines.filter((line) => line.includes("clean the machine"))).toEqual([]);
  });

  it("keeps it as long as it cannot be reached: its kubelet speaks for it", async () => {
    const world = await aWorld({ args: { nodes: renamed }, before: { nodes }, since: isSilent("10.0.0.5") });

    expect(lanesOf(forgetLeavingNodes(world))).toEqual([]);
  });

  it("loses it also when the run was killed after the kubelet had its new name", async () => {
    const since = (cluster: ModelCluster) => void cluster.nodes.set("node-5", aNode("10.0.0.5"));
    const world = await aWorld({ args: { nodes: renamed }, since });
    const { former = [] } = await aWorld({ args: { nodes } });

    expect(linesOf(up({ ...world, former }))).toEqual(["Forget nodes that leave: - delete the Node node-5"]);
  });
});

describe("cleanLeavingNodes()", () => {
  it("has nothing to do on a machine that is clean", async () => {
    const world = await without("10.0.0.5", (cluster) => cluster.wipe("10.0.0.5"));

    expect(cleanLeavingNodes(world).flatMap(lanesOf)).toEqual([]);
  });
});
