import { describe, expect, it } from "vitest";

import { joinEtcd, partEtcd, reviveEtcdMembers } from "../../../../provider/reconcile/phases/etcd-members.ts";
import { aMachine, aWorld, lanesOf, master, nodesOf } from "../../../support/facts.ts";

const nodes = nodesOf(master, master, master, master, master);

describe("reviveEtcdMembers()", () => {
  it("starts a member whose container has stopped, and waits for it", async () => {
    const world = await aWorld({ args: { nodes }, since: (cluster) => cluster.stop("10.0.0.2", "etcd") });

    expect(lanesOf(reviveEtcdMembers(world))).toEqual([
      [expect.stringMatching(/^run etcd/), "wait until etcd is healthy and in sync"],
    ]);
  });

  it("makes the container of a member anew that has its data still", async () => {
    const world = await aWorld({ args: { nodes }, since: (cluster) => cluster.kill("10.0.0.2", "etcd") });

    expect(lanesOf(reviveEtcdMembers(world))[0]?.[0]).toBe("prepare etcd's directory");
  });

  it("starts several at once: one of them alone would wait for a majority without end", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) cluster.stop(address, "etcd");
      },
    });
    const phase = reviveEtcdMembers(world);

    expect(phase?.width).toBeGreaterThanOrEqual(5);
    expect(lanesOf(phase).filter(([first]) => first?.startsWith("run etcd"))).toHaveLength(3);
  });

  it("waits, too, for those that run and are only short of a majority", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        for (const address of ["10.0.0.1", "10.0.0.2", "10.0.0.3"]) cluster.stop(address, "etcd");
      },
    });

    expect(lanesOf(reviveEtcdMembers(world)).slice(3)).toEqual([
      ["wait until etcd is healthy and in sync"],
      ["wait until etcd is healthy and in sync"],
    ]);
  });

  it("refuses to start a minority, with numbers", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        cluster.stop("10.0.0.1", "etcd");
        for (const address of ["10.0.0.2", "10.0.0.3", "10.0.0.4"]) cluster.machine(address).answers = "to nobody";
      },
    });

    expect(() => reviveEtcdMembers(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot bring back etcd on node-1 (10.0.0.1): with it 2 of 5 members are healthy and quorum is 3
        Bring the other members back first, or restore the cluster from a snapshot]
    `);
  });

  it("gives a member that has never started the list of the members that there are", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        const member = cluster.etcd.at("10.0.0.5");
        if (member !== undefined) member.hasStarted = false;
        cluster.wipe("10.0.0.5");
      },
    });
    const run = reviveEtcdMembers(world)
      ?.lanes.flat()
      .find(({ kind }) => kind === "run-container");

    expect(JSON.stringify(run?.params)).toContain("--initial-cluster-state=existing");
  });
});

describe("joinEtcd() and partEtcd()", () => {
  it("do one deed after another", async () => {
    const world = await aWorld({ args: { nodes: [...nodes.slice(1), aMachine(9, master)] }, before: { nodes } });

    expect(lanesOf(joinEtcd(world))).toHaveLength(1);
    expect(lanesOf(partEtcd(world))).toEqual([["remove etcd-node-1 from etcd", "remove etcd"]]);
  });
});
