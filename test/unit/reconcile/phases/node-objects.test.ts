import { describe, expect, it } from "vitest";

import { nodeObjects } from "../../../../provider/reconcile/phases/node-objects.ts";
import { aWorld, lanesOf, threeAndTwo } from "../../../support/facts.ts";
import type { ModelCluster } from "../../../support/model.ts";

const nodes = threeAndTwo;
const labelled = nodes.map((node) => (node.address === "10.0.0.4" ? { ...node, labels: { disk: "fast" } } : node));

const found = (since: (cluster: ModelCluster) => void) => aWorld({ args: { nodes }, since });

describe("nodeObjects()", () => {
  it("has nothing to do for nodes that carry what they should", async () => {
    expect(lanesOf(nodeObjects(await found(() => undefined)))).toEqual([]);
  });

  it("puts a new label on", async () => {
    const world = await aWorld({ args: { nodes: labelled }, before: { nodes } });

    expect(lanesOf(nodeObjects(world))).toEqual([["label and taint node-4"]]);
  });

  it("takes a label back that is not wanted any more", async () => {
    const world = await aWorld({ args: { nodes }, before: { nodes: labelled } });
    const [step] = nodeObjects(world)?.lanes.flat() ?? [];

    expect(step?.params).toMatchObject({ name: "node-4", formerLabels: { disk: "fast" } });
  });

  it("leaves labels and taints of others alone", async () => {
    const world = await found(({ nodes: seen }) => {
      seen.get("node-4")?.taints.push({ key: "example.com/gpu", value: "", effect: "NoSchedule" });
      Object.assign(seen.get("node-4")?.labels ?? {}, { "example.com/rack": "7" });
    });

    expect(lanesOf(nodeObjects(world))).toEqual([]);
  });

  it("takes away the taint of a role that the node does not have", async () => {
    const world = await found(({ nodes: seen }) => {
      seen.get("node-4")?.taints.push({ key: "node-role.kubernetes.io/etcd", value: "true", effect: "NoExecute" });
    });

    expect(lanesOf(nodeObjects(world))).toEqual([["label and taint node-4"]]);
  });

  it("does not plan what its step would not do", async () => {
    const world = await found(({ nodes: seen }) => {
      seen.get("node-4")?.taints.push({ key: "node-role.kubernetes.io/etcd", value: "", effect: "NoSchedule" });
    });

    expect(lanesOf(nodeObjects(world))).toEqual([]);
  });

  it("leaves a node alone that cannot be reached", async () => {
    const world = await aWorld({
      args: { nodes: labelled },
      before: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.4").answers = "to nobody";
      },
    });

    expect(lanesOf(nodeObjects(world))).toEqual([]);
  });

  it("says nothing while no API server can be spoken to", async () => {
    const world = await found((cluster) => {
      for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) cluster.machine(address).answers = "to nobody";
    });

    expect(nodeObjects(world)).toBeUndefined();
  });
});
