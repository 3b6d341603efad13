import { describe, expect, it } from "vitest";

import { membership } from "../../../provider/reconcile/membership.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { aMachine, aWorld, master, nodesOf, type WorldWords, worker } from "../../support/facts.ts";
import { ModelCluster } from "../../support/model.ts";
import { plannedVector } from "../../support/planned.ts";

const [one, two, three] = nodesOf(master, master, master);
const nodes = nodesOf(master, master, master);
const [four, five, six] = [4, 5, 6].map((number) => aMachine(number, master));

const found = (after: readonly unknown[], since: (cluster: ModelCluster) => void = () => undefined): Promise<World> =>
  aWorld({ args: { nodes: after }, before: { nodes }, since });

const worldWith = (words: WorldWords) => aWorld(words);

/** The deeds on the list of members, in short. */
function deeds(world: World, part: "arrivals" | "departures"): readonly string[] {
  const steps = membership(world)?.[part] ?? [];
  return steps.map(({ kind, node, title }) => (kind === "remove-etcd-member" ? title : `${kind} ${node}`));
}

const joins = (address: string) => [
  `prepare-etcd-directory ${address}`,
  `add-etcd-learner ${address}`,
  `run-container ${address}`,
  `promote-etcd-member ${address}`,
  `wait-for-etcd ${address}`,
];

describe("membership()", () => {
  it("has nothing to do when every wanted node has its member", async () => {
    const world = await found(nodes);

    expect(membership(world)).toMatchObject({ revived: [], awaited: [], arrivals: [], departures: [] });
  });

  it("brings a new member in as a learner, and promotes it", async () => {
    const world = await found([...nodes, four]);

    expect(deeds(world, "arrivals")).toEqual(joins("10.0.0.4"));
  });

  it("replaces a healthy member by letting the new one in before the old one goes", async () => {
    const world = await found([two, three, four]);

    expect(deeds(world, "arrivals")).toEqual(joins("10.0.0.4"));
    expect(deeds(world, "departures")).toEqual(["remove etcd-node-1 from etcd", "remove-container 10.0.0.1"]);
  });

  it("takes a dead member out before another one comes in: it weighs on the quorum", async () => {
    const world = await found([two, three, four], (cluster) => {
      cluster.machine("10.0.0.1").answers = "to nobody";
    });

    expect(deeds(world, "arrivals")).toEqual(["remove etcd-node-1 from etcd", ...joins("10.0.0.4")]);
    expect(deeds(world, "departures")).toEqual([]);
  });

  it("replaces two of three", async () => {
    const world = await found([three, four, five]);

    expect(deeds(world, "arrivals")).toEqual([...joins("10.0.0.4"), ...joins("10.0.0.5")]);
    expect(deeds(world, "departures").filter((deed) => deed.startsWith("remove etcd"))).toHaveLength(2);
  });

  it("replaces all three, and asks the new ones when the old ones go", async () => {
    const world = await found([four, five, six]);
    const removals = membership(world)?.departures.filter(({ kind }) => kind === "remove-etcd-member") ?? [];

    expect(removals).toHaveLength(3);
    expect(removals.at(-1)?.params).toMatchObject({ via: ["10.0.0.4", "10.0.0.5", "10.0.0.6"] });
  });

  it("lets the leader go last", async () => {
    const world = await found([four, five, six]);

    expect(world.facts.etcd?.members.find(({ isLeader }) => isLeader)?.node).toBe("10.0.0.1");
    expect(deeds(world, "departures").at(-2)).toBe("remove etcd-node-1 from etcd");
  });

  it("shrinks from three to one", async () => {
    const world = await found([one]);

    expect(deeds(world, "arrivals")).toEqual([]);
    expect(deeds(world, "departures")).toEqual([
      "remove etcd-node-2 from etcd",
      "remove-container 10.0.0.2",
      "remove etcd-node-3 from etcd",
      "remove-container 10.0.0.3",
    ]);
  });

  it("takes a member that has lost its data out and in again", async () => {
    const world = await found(nodes, (cluster) => cluster.wipe("10.0.0.3"));

    expect(deeds(world, "arrivals")).toEqual(["remove etcd-node-3 from etcd", ...joins("10.0.0.3")]);
  });

  it("shrinks around a member that has lost its data", async () => {
    const world = await found([three], (cluster) => cluster.wipe("10.0.0.3"));

    expect(deeds(world, "arrivals")).toEqual(["remove etcd-node-3 from etcd", ...joins("10.0.0.3")]);
    expect(deeds(world, "departures")).toHaveLength(4);
  });

  it("takes no data away where nobody could look whether there are any", async () => {
    const world = await found(nodes, (cluster) => cluster.wipe("10.0.0.3"));
    const seen = world.facts.nodes["10.0.0.3"];
    if (seen?.status === "reached") seen.machine.unknown = ["leftovers"];

    expect(deeds(world, "arrivals")).toEqual([]);
  });

  it("founds etcd without a machine that a broken run had begun with and that holds nothing", async () => {
    const former = [{ address: "10.0.0.9", internalAddress: "10.0.0.9", hostnameOverride: "nine", role: master }];
    const world = await aWorld({ args: { nodes }, before: "none" });
    const facts = { ...world.facts, nodes: { ...world.facts.nodes } };
    const empty = facts.nodes["10.0.0.1"];
    if (empty !== undefined) facts.nodes["10.0.0.9"] = empty;
    const begun = { ...world, facts, former: former.map((node) => ({ ...node, isUnfinished: true })) };

    expect(membership(begun)).toBeUndefined();
    expect(() => membership({ ...begun, former })).toThrow("0 of 1 members answer");
  });

  it("founds none beside a machine of a broken run that may have the data, or cannot be asked", async () => {
    const machine = aMachine(9, master, { internalAddress: "10.0.0.9" });
    const former = [{ ...machine, internalAddress: "10.0.0.9", isUnfinished: true }];
    const world = await aWorld({ args: { nodes }, before: "none" });
    const seen = world.facts.nodes["10.0.0.1"];
    if (seen?.status !== "reached") throw new Error("10.0.0.1 is there");
    const holding = { ...seen, machine: { ...seen.machine, leftovers: ["/var/lib/etcd"] } };
    const silent = { status: "unreachable" as const, code: "ssh", because: "connection timed out" };

    for (const nine of [holding, silent]) {
      const facts = { ...world.facts, nodes: { ...world.facts.nodes, "10.0.0.9": nine } };

      expect(() => membership({ ...world, facts, former })).toThrow("0 of 1 members answer");
    }
  });

  it("goes on with a learner that a killed run has left", async () => {
    const world = await found([...nodes, four], (cluster) => {
      cluster.etcd.add("https://10.0.0.4:2380", ["10.0.0.1"]);
    });

    expect(deeds(world, "arrivals")).toEqual([
      "run-container 10.0.0.4",
      "promote-etcd-member 10.0.0.4",
      "wait-for-etcd 10.0.0.4",
    ]);
  });

  it("goes on with the learner first, because etcd takes one at a time", async () => {
    const world = await found([...nodes, four, five], (cluster) => {
      cluster.etcd.add("https://10.0.0.5:2380", ["10.0.0.1"]);
    });

    expect(deeds(world, "arrivals")[0]).toBe("run-container 10.0.0.5");
  });

  it("removes a learner that leaves before anything else joins", async () => {
    const world = await found([...nodes, five], (cluster) => {
      cluster.etcd.add("https://10.0.0.4:2380", ["10.0.0.1"]);
    });

    expect(deeds(world, "arrivals")[0]).toMatch(/^remove \d+ from etcd$/);
  });

  it("counts a member that is down and can be started as one that will be well", async () => {
    const world = await found([two, three, four], (cluster) => cluster.stop("10.0.0.3", "etcd"));

    expect(membership(world)?.revived.map(({ node }) => node.address)).toEqual(["10.0.0.3"]);
    expect(deeds(world, "departures")).toEqual(["remove etcd-node-1 from etcd", "remove-container 10.0.0.1"]);
  });

  it("leaves the member of a node that does not answer alone", async () => {
    const world = await found(nodes, (cluster) => {
      cluster.machine("10.0.0.3").answers = "to nobody";
    });

    expect(membership(world)).toMatchObject({ revived: [], arrivals: [], departures: [] });
  });

  it("refuses to shrink onto a minority, with numbers", async () => {
    const world = await found([two, three], (cluster) => {
      cluster.machine("10.0.0.3").answers = "to nobody";
    });

    expect(() => membership(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot remove etcd-node-1 from etcd: 1 of 2 members are healthy afterwards and quorum is 2
        Repair the unhealthy members first, or restore the cluster from a snapshot]
    `);
  });

  it("refuses to add to an etcd that has lost its majority", async () => {
    const world = await found([...nodes, four], (cluster) => {
      cluster.machine("10.0.0.2").answers = "to nobody";
      cluster.machine("10.0.0.3").answers = "to nobody";
    });

    expect(() => membership(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot add node-4 (10.0.0.4) to etcd: 1 of 3 members are healthy and quorum is 2
        Repair the unhealthy members first, or restore the cluster from a snapshot]
    `);
  });

  it("refuses to let a node without data into an etcd that does not answer: it would found another one", async () => {
    const world = await found([...nodes, four], (cluster) => {
      for (const { address } of nodes) cluster.stop(address, "etcd");
    });

    expect(() => membership(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot add node-4 (10.0.0.4) to etcd: 0 of 3 members answer
        Bring the members back first, without new ones; where their data are lost, restore a snapshot]
    `);
  });

  it("refuses a second learner while the first one cannot be reached", async () => {
    const world = await found([...nodes, four, five], (cluster) => {
      cluster.etcd.add("https://10.0.0.4:2380", ["10.0.0.1"]);
      cluster.machine("10.0.0.4").answers = "to nobody";
    });

    expect(() => membership(world)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot add node-5 (10.0.0.5) to etcd: etcd takes 1 learner at a time, and there is one on node-4 (10.0.0.4), which cannot be reached
        Bring that node back, or take it out of the cluster, then try again]
    `);
  });

  it("refuses to remove the last member", async () => {
    const before = { nodes: nodesOf(master, worker) };
    const world = await worldWith({
      args: { nodes: [aMachine(3, master), aMachine(2, worker)] },
      before,
      since: (cluster) => {
        cluster.machine("10.0.0.3").answers = "to nobody";
      },
    });

    expect(() => membership(world)).toThrow("it is the last member");
  });

  it("leaves an etcd outside of the cluster alone", async () => {
    const desired = plannedVector("etcd-external");
    const world = { ...(await found(nodes)), desired, former: [], facts: new ModelCluster().look(desired) };

    expect(membership(world)).toBeUndefined();
  });
});
