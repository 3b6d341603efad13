import { describe, expect, it } from "vitest";

import { etcdFounded, etcdPlane, foundEtcd, snapshots } from "../../../../provider/reconcile/phases/etcd-plane.ts";
import { aWorld, lanesOf, master, nodesOf } from "../../../support/facts.ts";

const nodes = nodesOf(master, master, master);
const changed = { nodes, services: { etcd: { extraArgs: { "snapshot-count": "5000" } } } };

const etcdNodesOf = (phase: ReturnType<typeof etcdPlane>) => phase?.lanes.map(([step]) => step?.node);

describe("foundEtcd()", () => {
  it("starts all members at once, and waits for none: one alone is no majority", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });
    const phase = foundEtcd(world);

    expect(lanesOf(phase)).toHaveLength(3);
    expect(lanesOf(phase)[0]).toEqual([
      "prepare etcd's directory",
      expect.stringMatching(/^run etcd \(rancher\/mirrored-coreos-etcd/),
    ]);
  });

  it("starts the members of an etcd that has stopped everywhere, and empties no directory", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        for (const { address } of nodes) cluster.stop(address, "etcd");
      },
    });

    expect(lanesOf(foundEtcd(world))).toEqual([
      [expect.stringMatching(/^run etcd/)],
      [expect.stringMatching(/^run etcd/)],
      [expect.stringMatching(/^run etcd/)],
    ]);
  });

  it("founds without a minority of the nodes", async () => {
    const world = await aWorld({
      args: { nodes },
      before: "none",
      since: (cluster) => {
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(etcdNodesOf(foundEtcd(world))).toEqual(["10.0.0.1", "10.0.0.2"]);
  });

  it("refuses to found without a majority, with numbers", async () => {
    const world = await aWorld({
      args: { nodes },
      before: "none",
      since: (cluster) => {
        cluster.machine("10.0.0.2").answers = "to nobody";
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(() => foundEtcd(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot start etcd: 1 of 3 members can be started and quorum is 2; these cannot
        node-2 (10.0.0.2): connection timed out
        node-3 (10.0.0.3): connection timed out
        Bring the nodes back, or restore the cluster from a snapshot; a new cluster can do without them]
    `);
  });

  it("counts the members that the cluster had, and not only those that are wanted", async () => {
    const world = await aWorld({
      args: { nodes: nodes.slice(0, 1) },
      before: { nodes },
      since: (cluster) => {
        cluster.stop("10.0.0.1", "etcd");
        cluster.machine("10.0.0.2").answers = "to nobody";
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(() => foundEtcd(world)).toThrow("1 of 3 members can be started and quorum is 2");
  });

  it("has nothing to do where etcd answers", async () => {
    const world = await aWorld({ args: { nodes } });

    expect(foundEtcd(world)).toBeUndefined();
    expect(etcdFounded(world)).toBeUndefined();
  });
});

describe("etcdPlane()", () => {
  it("changes one member at a time, and waits until it is in sync", async () => {
    const world = await aWorld({ args: changed, before: { nodes } });
    const phase = etcdPlane(world);

    expect(phase?.width).toBe(1);
    expect(lanesOf(phase)[0]).toEqual([expect.stringMatching(/^run etcd/), "wait until etcd is healthy and in sync"]);
  });

  it("changes the leader last", async () => {
    const world = await aWorld({ args: changed, before: { nodes } });

    expect(world.facts.etcd?.members.find(({ isLeader }) => isLeader)?.node).toBe("10.0.0.1");
    expect(etcdNodesOf(etcdPlane(world))).toEqual(["10.0.0.2", "10.0.0.3", "10.0.0.1"]);
  });

  it("compares each member with the others when it waits", async () => {
    const world = await aWorld({ args: changed, before: { nodes } });
    const wait = etcdPlane(world)?.lanes[0]?.[1];

    expect(wait?.params).toMatchObject({ node: "10.0.0.2", via: ["10.0.0.1", "10.0.0.3"] });
  });

  it("restarts nobody because the list of members has changed", async () => {
    const world = await aWorld({ args: { nodes }, before: { nodes: nodes.slice(0, 2) } });

    const made =
      etcdPlane(world)
        ?.lanes.flat()
        .filter(({ kind }) => kind === "run-container") ?? [];

    expect(made).toEqual([]);
  });

  it("refuses to restart a member beside one that cannot be reached, with numbers", async () => {
    const world = await aWorld({
      args: changed,
      before: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(() => etcdPlane(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot restart etcd on node-2 (10.0.0.2): 1 of 3 members are healthy in the meantime and quorum is 2
        Repair the unhealthy members first, or restore the cluster from a snapshot]
    `);
  });

  it("counts with the members that are there after others have come and gone", async () => {
    const world = await aWorld({
      args: { ...changed, nodes: nodes.slice(0, 2) },
      before: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(etcdNodesOf(etcdPlane(world))).toEqual(["10.0.0.2", "10.0.0.1"]);
  });
});

describe("snapshots()", () => {
  it("puts back what takes snapshots, on all members at once", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        cluster.kill("10.0.0.1", "etcd-rolling-snapshots");
        cluster.stop("10.0.0.2", "etcd-rolling-snapshots");
      },
    });

    expect(lanesOf(snapshots(world))).toEqual([
      [expect.stringMatching(/^run etcd-rolling-snapshots/)],
      [expect.stringMatching(/^run etcd-rolling-snapshots/)],
    ]);
  });
});
