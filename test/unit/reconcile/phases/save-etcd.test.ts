import { describe, expect, it } from "vitest";

import type { EtcdMemberFact } from "../../../../provider/observed/facts.ts";
import { pullAndSave, saveWithNewFiles } from "../../../../provider/reconcile/phases/save-etcd.ts";
import type { Phase, World } from "../../../../provider/reconcile/runbook.ts";
import { aMachine, aWorld, lanesOf, master, nodesOf, type WorldWords, worker } from "../../../support/facts.ts";

const OLD = "v1.30.8-rancher1-1";
const nodes = nodesOf(master, master, master);
const [one, two, three] = nodes;
const four = aMachine(4, master);
const changed = { nodes, services: { etcd: { extraArgs: { "snapshot-count": "5000" } } } };

const changing = (words: Partial<WorldWords> = {}): Promise<World> =>
  aWorld({ args: changed, before: { nodes }, ...words });

const saversIn = (phase: Phase | undefined) =>
  (phase?.lanes ?? []).flat().flatMap(({ kind, node }) => (kind === "save-etcd" ? [node] : []));

/** The world with something else seen of a member, and of the disk for snapshots on its machine. */
function seenOf(world: World, address: string, seen: Partial<EtcdMemberFact>, disk?: { freeBytes: number }): World {
  const { etcd, nodes: seenNodes } = world.facts;
  if (etcd === undefined) throw new Error("etcd answers in this world");
  const members = etcd.members.map((member) => (member.node === address ? { ...member, ...seen } : member));
  const node = seenNodes[address];
  if (node?.status !== "reached") throw new Error(`${address} answers in this world`);
  const disks = disk && { "/opt/rke/etcd-snapshots": { totalBytes: 20 * GIB, ...disk } };
  const machine = { ...node.machine, ...(disks && { disks }) };
  const facts = {
    ...world.facts,
    etcd: { ...etcd, members },
    nodes: { ...seenNodes, [address]: { ...node, machine } },
  };
  return { ...world, facts };
}

const GIB = 2 ** 30;

describe("pullAndSave()", () => {
  it.each<{ what: string; words: WorldWords }>([
    { what: "etcd gets another argument", words: { args: changed, before: { nodes } } },
    { what: "etcd gets another version", words: { args: { nodes }, before: { nodes, kubernetesVersion: OLD } } },
    { what: "a member joins", words: { args: { nodes: [...nodes, four] }, before: { nodes } } },
    { what: "a member leaves", words: { args: { nodes: [one, two] }, before: { nodes } } },
    { what: "a member is replaced", words: { args: { nodes: [two, three, four] }, before: { nodes } } },
    {
      what: "a dead member is taken out",
      words: {
        args: { nodes: [one, two] },
        before: { nodes },
        since: (cluster) => {
          cluster.machine("10.0.0.3").answers = "to nobody";
        },
      },
    },
  ])("saves etcd before $what", async ({ words }) => {
    expect(saversIn(pullAndSave(await aWorld(words)))).toHaveLength(1);
  });

  it.each<{ what: string; words: WorldWords }>([
    { what: "nothing changes", words: { args: { nodes } } },
    { what: "a cluster is created", words: { args: { nodes }, before: "none" } },
    { what: "a worker joins", words: { args: { nodes: [...nodes, aMachine(4, worker)] }, before: { nodes } } },
    {
      what: "Kubernetes changes, and etcd does not",
      words: { args: { nodes, services: { kubelet: { extraArgs: { "max-pods": "50" } } } }, before: { nodes } },
    },
    {
      what: "a member that has stopped is started again",
      words: { args: { nodes }, since: (cluster) => cluster.stop("10.0.0.3", "etcd") },
    },
    {
      what: "etcd has no majority that could give it",
      words: {
        args: changed,
        before: { nodes },
        since: (cluster) => {
          cluster.stop("10.0.0.2", "etcd");
          cluster.stop("10.0.0.3", "etcd");
        },
      },
    },
  ])("saves nothing when $what", async ({ words }) => {
    const world = await aWorld(words);

    expect(saversIn(pullAndSave(world))).toEqual([]);
    expect(saveWithNewFiles(world)).toBeUndefined();
  });

  it("saves nothing when the person has said so", async () => {
    const world = { ...(await changing()), savesEtcd: false };

    expect(saversIn(pullAndSave(world))).toEqual([]);
  });

  it("saves beside the pulls, and says both", async () => {
    const phase = pullAndSave(await aWorld({ args: { nodes }, before: { nodes, kubernetesVersion: OLD } }));

    expect(phase.title).toBe("Pull images, and save etcd before changing it");
    expect(phase.width).toBe(phase.lanes.length);
    expect(lanesOf(phase).at(-1)).toEqual(["save etcd into /opt/rke/etcd-snapshots"]);
  });

  it("has a name of its own where nothing is pulled", async () => {
    expect(pullAndSave(await changing()).title).toBe("Save etcd before changing it");
  });

  it("asks a follower, and leaves the leader alone", async () => {
    const world = await changing();

    expect(world.facts.etcd?.members.find(({ isLeader }) => isLeader)?.node).toBe("10.0.0.1");
    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.2"]);
  });

  it("asks the leader of an etcd with one member", async () => {
    const [only] = nodes;
    const world = await aWorld({ args: { ...changed, nodes: [only] }, before: { nodes: [only] } });

    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.1"]);
  });

  it("asks no follower that is behind", async () => {
    const world = seenOf(await changing(), "10.0.0.2", { lag: 10_000 });

    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.3"]);
  });

  it("asks one that stays, be it the leader, rather than one whose machine may be gone tomorrow", async () => {
    const world = await aWorld({ args: { nodes: [one] }, before: { nodes } });

    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.1"]);
  });

  it("asks one that leaves when none stays", async () => {
    const fresh = [4, 5, 6].map((number) => aMachine(number, master));
    const world = await aWorld({ args: { nodes: fresh }, before: { nodes } });

    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.2"]);
  });

  it("passes over a machine without room for two databases", async () => {
    const world = seenOf(await changing(), "10.0.0.2", { dbSizeBytes: 3 * GIB }, { freeBytes: 5 * GIB });

    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.3"]);
  });

  it("refuses to change etcd when there is no room anywhere, with numbers and the way around", async () => {
    const size = { dbSizeBytes: 3 * GIB };
    const full = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].reduce(
      (world, address) => seenOf(world, address, size, { freeBytes: GIB }),
      await changing(),
    );

    expect(() => pullAndSave(full)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot save etcd before changing it: 0 of 3 members have room for a snapshot in /opt/rke/etcd-snapshots
        node-1 (10.0.0.1): 1024 MiB free, and 6144 MiB wanted
        node-2 (10.0.0.2): 1024 MiB free, and 6144 MiB wanted
        node-3 (10.0.0.3): 1024 MiB free, and 6144 MiB wanted
        Free space there; or go on without a snapshot: safetySnapshot: false on the RkeCluster]
    `);
  });

  it("refuses to change etcd when no member is in sync", async () => {
    const behind = ["10.0.0.1", "10.0.0.2", "10.0.0.3"].reduce(
      (world, address) => seenOf(world, address, { lag: 10_000 }),
      await changing(),
    );

    expect(() => pullAndSave(behind)).toThrowErrorMatchingInlineSnapshot(`
      [RkeError: Cannot save etcd before changing it: 0 of 3 members are healthy, in sync and on a machine that answers
        Repair the members first; or go on without a snapshot: safetySnapshot: false on the RkeCluster]
    `);
  });
});

describe("saveWithNewFiles()", () => {
  const path = "/etc/kubernetes/ssl/kube-node.pem";

  it("saves once the certificates with which etcd is asked are there", async () => {
    const world = await changing({
      since: (cluster) => {
        for (const { address } of nodes) cluster.machine(address).files.delete(path);
      },
    });

    expect(saversIn(pullAndSave(world))).toEqual([]);
    expect(saversIn(saveWithNewFiles(world))).toEqual(["10.0.0.2"]);
  });

  it("leaves it to a machine that has them already", async () => {
    const world = await changing({ since: (cluster) => cluster.machine("10.0.0.2").files.delete(path) });

    expect(saversIn(pullAndSave(world))).toEqual(["10.0.0.3"]);
    expect(saveWithNewFiles(world)).toBeUndefined();
  });
});
