import { describe, expect, it } from "vitest";

import type { Runbook } from "../../../provider/reconcile/runbook.ts";
import { up } from "../../../provider/reconcile/up.ts";
import { aMachine, aWorld, master, threeAndTwo, titlesOf, type WorldWords, worker } from "../../support/facts.ts";

const nodes = threeAndTwo;
const four = aMachine(6, master);

const runbookFor = async (words: WorldWords): Promise<Runbook> => up(await aWorld(words));

describe("up()", () => {
  it("creates a cluster in this order", async () => {
    const runbook = await runbookFor({ args: { nodes }, before: "none" });

    expect(titlesOf(runbook)).toMatchInlineSnapshot(`
      [
        "Pull images",
        "Open ports to check",
        "Check ports between nodes",
        "Close ports again",
        "Deploy certificates and files",
        "Start etcd",
        "Start Kubernetes",
        "Wait for etcd",
        "Wait for the API servers",
        "Grant the nodes their rights",
        "Wait for Kubernetes",
        "Label nodes",
        "Keep snapshots going",
      ]
    `);
  });

  it("adds a worker in this order, and touches nobody else", async () => {
    const runbook = await runbookFor({ args: { nodes: [...nodes, aMachine(6, worker)] }, before: { nodes } });

    expect(titlesOf(runbook)).toMatchInlineSnapshot(`
      [
        "Pull images",
        "Open ports to check",
        "Check ports between nodes",
        "Close ports again",
        "Deploy certificates and files",
        "Start Kubernetes on new nodes",
        "Label nodes",
      ]
    `);
  });

  it("removes a worker in this order", async () => {
    const runbook = await runbookFor({ args: { nodes: nodes.slice(0, 4) }, before: { nodes } });

    expect(titlesOf(runbook)).toMatchInlineSnapshot(`
      [
        "Cordon nodes that leave",
        "Drain workers that leave",
        "Clean nodes that leave",
        "Forget nodes that leave",
      ]
    `);
  });

  it("removes a node with etcd and an API server in this order", async () => {
    const runbook = await runbookFor({ args: { nodes: nodes.slice(1) }, before: { nodes } });

    expect(titlesOf(runbook)).toMatchInlineSnapshot(`
      [
        "Save etcd before changing it",
        "Deploy certificates and files",
        "Change control planes",
        "Cordon nodes that leave",
        "Drain servers that leave",
        "Change workers",
        "Stop control planes that leave",
        "Take members out of etcd",
        "Clean nodes that leave",
        "Forget nodes that leave",
      ]
    `);
  });

  it("upgrades in this order", async () => {
    const before = { nodes, kubernetesVersion: "v1.30.8-rancher1-1" };
    const runbook = await runbookFor({ args: { nodes }, before });

    expect(titlesOf(runbook)).toMatchInlineSnapshot(`
      [
        "Pull images, and save etcd before changing it",
        "Change etcd",
        "Change control planes",
        "Change workers",
      ]
    `);
  });

  it("replaces a node with etcd and an API server in this order", async () => {
    const runbook = await runbookFor({ args: { nodes: [...nodes.slice(1), four] }, before: { nodes } });

    expect(titlesOf(runbook)).toMatchInlineSnapshot(`
      [
        "Pull images, and save etcd before changing it",
        "Open ports to check",
        "Check ports between nodes",
        "Close ports again",
        "Deploy certificates and files",
        "Change the members of etcd",
        "Start Kubernetes",
        "Wait for the API servers",
        "Wait for Kubernetes",
        "Change control planes",
        "Cordon nodes that leave",
        "Drain servers that leave",
        "Change workers",
        "Label nodes",
        "Keep snapshots going",
        "Stop control planes that leave",
        "Take members out of etcd",
        "Clean nodes that leave",
        "Forget nodes that leave",
      ]
    `);
  });

  it("has nothing to do for a cluster that is as it should be", async () => {
    const runbook = await runbookFor({ args: { nodes } });

    expect(runbook).toEqual([]);
  });

  it("has nothing to do for a cluster that rke made and would leave alone", async () => {
    const runbook = await runbookFor({ args: { nodes }, isAdopted: true });

    expect(runbook).toEqual([]);
  });

  it.each([
    { maker: "we", isAdopted: false },
    { maker: "rke", isAdopted: true },
  ])("has nothing to do when nodes that $maker made are only written in another order", async ({ isAdopted }) => {
    const runbook = await runbookFor({ args: { nodes: nodes.toReversed() }, before: { nodes }, isAdopted });

    expect(runbook).toEqual([]);
  });
});
