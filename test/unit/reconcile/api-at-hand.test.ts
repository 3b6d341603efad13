import { describe, expect, it } from "vitest";

import { isApiAtHand } from "../../../provider/reconcile/api-at-hand.ts";
import { up } from "../../../provider/reconcile/up.ts";
import { aWorld, master, nodesOf, worker } from "../../support/facts.ts";
import type { ModelCluster } from "../../support/model.ts";

const nodes = nodesOf(master, master, worker);
const changed = { nodes, services: { kubelet: { extraArgs: { "max-pods": "200" } } } };

const silence =
  (...addresses: readonly string[]) =>
  (cluster: ModelCluster) => {
    for (const address of addresses) cluster.machine(address).answers = "to nobody";
  };

describe("isApiAtHand()", () => {
  it("is so while an API server answers", async () => {
    expect(isApiAtHand(await aWorld({ args: { nodes } }))).toBe(true);
  });

  it("is so when this run starts the first one", async () => {
    expect(isApiAtHand(await aWorld({ args: { nodes }, before: "none" }))).toBe(true);
  });

  it("is not so when no control plane can be reached", async () => {
    expect(isApiAtHand(await aWorld({ args: { nodes }, since: silence("10.0.0.1", "10.0.0.2") }))).toBe(false);
  });

  it("is not so when etcd has lost its majority", async () => {
    expect(isApiAtHand(await aWorld({ args: { nodes }, since: silence("10.0.0.2") }))).toBe(false);
  });
});

describe("refuseWithoutApi()", () => {
  it("refuses a change that would stop halfway, with numbers", async () => {
    const before = { nodes: nodesOf(["etcd"], ["controlplane"], worker) };
    const args = { ...changed, nodes: before.nodes };
    const world = await aWorld({ args, before, since: silence("10.0.0.2") });

    expect(() => up(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot change the cluster: 0 of 1 control plane nodes can be reached, and without one the API does not answer
        node-2 (10.0.0.2): connection timed out
        Bring a majority of the nodes back, or restore the cluster from a snapshot, then try again]
    `);
  });

  it("says what etcd has to do with it", async () => {
    const world = await aWorld({ args: changed, before: { nodes }, since: silence("10.0.0.2") });

    expect(() => up(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot change the cluster: 1 of 2 members of etcd are healthy and quorum is 2, so the API does not answer
        Bring a majority of the nodes back, or restore the cluster from a snapshot, then try again]
    `);
  });

  it("refuses nothing where nothing is to be done", async () => {
    const world = await aWorld({ args: { nodes }, since: silence("10.0.0.2") });

    expect(up(world)).toEqual([]);
  });
});
