import { describe, expect, it } from "vitest";

import {
  changeControlPlanes,
  newPlans,
  repairControlPlanes,
  startNewNodes,
} from "../../../../provider/reconcile/phases/control-plane.ts";
import type { Phase } from "../../../../provider/reconcile/runbook.ts";
import { aMachine, aWorld, master, threeAndTwo, worker } from "../../../support/facts.ts";

const nodes = threeAndTwo;
const changed = { nodes, services: { kubeApi: { extraArgs: { v: "4" } } } };

const nodesIn = (phase: Phase | undefined): readonly (string | undefined)[] =>
  (phase?.lanes ?? []).flatMap((lane) => lane.find(({ node }) => node !== undefined)?.node ?? []);

const stopped =
  (...addresses: readonly string[]) =>
  (cluster: Parameters<NonNullable<Parameters<typeof aWorld>[0]["since"]>>[0]) => {
    for (const address of addresses) cluster.stop(address, "kube-apiserver");
  };

describe("newPlans()", () => {
  it("are all nodes of a new cluster", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });

    expect(newPlans(world)).toHaveLength(5);
  });

  it("are only the control planes later: a kubelet must not be newer than the API", async () => {
    const after = [...nodes, aMachine(6, master), aMachine(7, worker)];
    const world = await aWorld({ args: { nodes: after }, before: { nodes } });

    expect(newPlans(world).map(({ node }) => node.address)).toEqual(["10.0.0.6"]);
  });
});

describe("startNewNodes()", () => {
  it("starts all at once", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });

    expect(startNewNodes(world).width).toBeGreaterThanOrEqual(5);
  });
});

describe("repairControlPlanes()", () => {
  it("has nothing to do while all API servers run", async () => {
    const world = await aWorld({ args: changed, before: { nodes } });

    expect(nodesIn(repairControlPlanes(world))).toEqual([]);
  });

  it("starts API servers that have stopped, all at once", async () => {
    const world = await aWorld({ args: { nodes }, since: stopped("10.0.0.1", "10.0.0.2", "10.0.0.3") });
    const phase = repairControlPlanes(world);

    expect(nodesIn(phase)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(phase.width).toBeGreaterThanOrEqual(3);
  });

  it("goes one after another where an API server runs and does not answer: it may serve others", async () => {
    const world = await aWorld({ args: changed, before: { nodes } });
    const { kube: _, ...facts } = world.facts;
    const phase = repairControlPlanes({ ...world, facts });

    expect(phase.width).toBe(1);
    expect(phase.lanes[0]?.map(({ kind }) => kind)).toEqual(["run-container", "wait-for-apiserver"]);
  });
});

describe("changeControlPlanes()", () => {
  it("goes one after another", async () => {
    const world = await aWorld({ args: changed, before: { nodes } });
    const phase = changeControlPlanes(world);

    expect(phase?.width).toBe(1);
    expect(nodesIn(phase)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  });

  it("goes to the node first that is not Ready", async () => {
    const world = await aWorld({
      args: changed,
      before: { nodes },
      since: (cluster) => cluster.stop("10.0.0.3", "kubelet"),
    });

    expect(nodesIn(changeControlPlanes(world))[0]).toBe("10.0.0.3");
  });

  it("refuses to take one away while another one cannot be reached", async () => {
    const world = await aWorld({
      args: { nodes, services: { scheduler: { extraArgs: { v: "4" } } } },
      before: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.2").answers = "to nobody";
      },
    });

    expect(() => changeControlPlanes(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot change the control plane nodes: 1 of 3 are missing already (node-2 (10.0.0.2) cannot be reached), and maxUnavailable is 1, which allows 1
        Bring the nodes back or take them out of the cluster, then try again; or allow more to be unavailable]
    `);
  });

  it("says nothing about a node that cannot be reached when nothing is to be changed", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.2").answers = "to nobody";
      },
    });

    expect(changeControlPlanes(world)).toBeUndefined();
  });
});
