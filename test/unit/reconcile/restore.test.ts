import { describe, expect, it } from "vitest";

import { restore } from "../../../provider/reconcile/restore.ts";
import { restoredCluster } from "../../../provider/reconcile/restore-progress.ts";
import type { Runbook, World } from "../../../provider/reconcile/runbook.ts";
import { up } from "../../../provider/reconcile/up.ts";
import type { RestoreMarker } from "../../../provider/steps/restore-marker.ts";
import { aWorld, lanesOf, linesOf, nodesOf, threeAndTwo, titlesOf, worker } from "../../support/facts.ts";
import type { ModelCluster } from "../../support/model.ts";

const args = { nodes: threeAndTwo };
const order = { name: "before", isDone: false };
const [A, B, C, WORKER] = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] as const;

type Stages = Readonly<Record<string, RestoreMarker["stage"]>>;

/** The same machines, some of which note how far a restore has come. */
function noting(world: World, stages: Stages, changes: Partial<RestoreMarker> = {}): World {
  const { id } = restoredCluster(world, "before");
  const nodes = Object.entries(world.facts.nodes).map(([address, node]) => {
    const stage = stages[address];
    if (stage === undefined || node.status === "unreachable") return [address, node] as const;
    const marker = { stage, id, name: "before", sha256: "abc", at: "2026-11-21T08:00:00.000Z", ...changes };
    return [address, { ...node, restore: marker }] as const;
  });
  return { ...world, facts: { ...world.facts, nodes: Object.fromEntries(nodes) } };
}

async function wanting(since?: (cluster: ModelCluster) => void, words: object = {}): Promise<World> {
  return { ...(await aWorld({ args, ...(since && { since }), ...words })), restore: order };
}

const without = ({ restore: _, ...world }: World): World => world;

/** Machines on which a kind of step happens. */
const machinesWith = (runbook: Runbook, kind: string): readonly (string | undefined)[] => [
  ...new Set(runbook.flatMap(({ lanes }) => lanes.flat().filter((step) => step.kind === kind)).map(({ node }) => node)),
];

const phase = (runbook: Runbook, title: string) => runbook.find((one) => one.title === title);

describe("restore() when nothing is asked for", () => {
  it("does nothing", async () => {
    expect(restore(await aWorld({ args }))).toEqual([]);
  });

  it("does nothing again that the state knows as done", async () => {
    const world = { ...(await aWorld({ args })), restore: { ...order, isDone: true } };

    expect(restore(world)).toEqual([]);
  });
});

describe("restore() of a snapshot", () => {
  it("does all that can fail while the old cluster goes on, and then stops it for the exchange", async () => {
    const runbook = restore(await wanting());

    expect(titlesOf(runbook)).toEqual([
      "Fetch the snapshot",
      "Put the restored data beside etcd's",
      "Stop the API servers",
      "Stop etcd",
      "Exchange the data of etcd",
      "Start etcd with the restored data",
      "Wait for etcd",
      "Keep the restored data",
    ]);
  });

  it("leaves workers alone", async () => {
    const nodes = restore(await wanting()).flatMap(({ lanes }) => lanes.flat().map(({ node }) => node));

    expect(new Set(nodes)).toEqual(new Set([undefined, A, B, C]));
  });

  it("stops who acts on what etcd says before etcd, and all on every machine", async () => {
    const runbook = restore(await wanting());

    expect(lanesOf(phase(runbook, "Stop the API servers"))).toEqual(
      Array(3).fill(["remove kube-scheduler", "remove kube-controller-manager", "remove kube-apiserver"]),
    );
    expect(lanesOf(phase(runbook, "Stop etcd"))).toEqual(Array(3).fill(["remove etcd"]));
  });

  it("does not touch the directory of an etcd that runs, and prepares that of a machine without", async () => {
    const world = await wanting((cluster) => cluster.kill(B, "etcd"));

    expect(
      machinesWith(
        [phase(restore(world), "Put the restored data beside etcd's")].flatMap((one) => one ?? []),
        "prepare-etcd-directory",
      ),
    ).toEqual([B]);
  });

  it("restores for the members of the program, whoever they were before", async () => {
    const world = await wanting(undefined, {
      args: { nodes: threeAndTwo.filter(({ address }) => address !== A && address !== B) },
      before: args,
    });
    // The last machine with the role of control plane stays; the others leave.
    const runbook = restore(world);

    expect(machinesWith(runbook, "stage-snapshot")).toEqual([C]);
    expect(machinesWith(runbook, "switch-etcd-data")).toEqual([C]);
    expect(machinesWith(runbook, "remove-container").toSorted()).toEqual([A, B, C]);
  });

  it("gives new machines their certificates first, by which they are known as ours", async () => {
    const fresh = nodesOf(["etcd", "controlplane", "worker"]).map((node) => ({ ...node, address: "10.0.0.9" }));
    const world = await wanting(undefined, { args: { nodes: fresh }, before: args });

    const titles = titlesOf(restore(world));

    expect(titles.indexOf("Deploy certificates and files")).toBeGreaterThan(0);
    expect(titles.indexOf("Deploy certificates and files")).toBeLessThan(
      titles.indexOf("Put the restored data beside etcd's"),
    );
  });

  it("makes a cluster that members with old data cannot join", async () => {
    const world = await wanting();
    const { token, id } = restoredCluster(world, "before");

    expect(token).toBe(`etcd-cluster-1-${id}`);
    expect(restoredCluster(world, "another").token).not.toBe(token);
  });

  it("keeps the data of other members apart", async () => {
    const world = await wanting();
    const fewer = await wanting(undefined, { args: { nodes: nodesOf(["etcd", "controlplane"]) } });

    expect(restoredCluster(fewer, "before").id).not.toBe(restoredCluster(world, "before").id);
  });
});

describe("restore() after a run that was killed", () => {
  it("stages only where nothing lies yet, of the same snapshot", async () => {
    const runbook = restore(noting(await wanting(), { [A]: "staged", [B]: "staging" }));

    expect(machinesWith(runbook, "stage-snapshot")).toEqual([B, C]);
    expect(runbook[0]?.lanes[0]?.[0]?.params).toEqual({ name: "before", sha256: "abc" });
  });

  it("needs the snapshot no more when all machines have its data", async () => {
    const runbook = restore(noting(await wanting(), { [A]: "staged", [B]: "switching", [C]: "switched" }));

    expect(titlesOf(runbook)[0]).toBe("Stop the API servers");
  });

  it("leaves a member of the new cluster running, and brings the others to it", async () => {
    const world = noting(await wanting(), { [A]: "switched", [B]: "switching", [C]: "staged" });

    const runbook = restore(world);

    expect(
      machinesWith(
        [phase(runbook, "Stop etcd")].flatMap((one) => one ?? []),
        "remove-container",
      ),
    ).toEqual([B, C]);
    expect(machinesWith(runbook, "switch-etcd-data")).toEqual([B, C]);
    expect(machinesWith(runbook, "run-container")).toEqual([B, C]);
    expect(machinesWith(runbook, "wait-for-etcd")).toEqual([A, B, C]);
  });

  it("never restores again what one machine knows as done, and tells the others", async () => {
    const runbook = restore(noting(await wanting(), { [A]: "done", [B]: "switched", [C]: "switched" }));

    expect(linesOf(runbook)).toEqual([
      `Keep the restored data: ${B} note that before is restored`,
      `Keep the restored data: ${C} note that before is restored`,
    ]);
  });

  it.each(["done", "finished"] as const)("does nothing when it is %s everywhere", async (stage) => {
    expect(restore(noting(await wanting(), { [A]: stage, [B]: stage, [C]: stage }))).toEqual([]);
  });

  it("does not take the word of a machine that has no member any more", async () => {
    const runbook = restore(noting(await wanting(), { [WORKER]: "finished" }, { id: "older" }));

    expect(titlesOf(runbook)).toContain("Exchange the data of etcd");
    expect(linesOf(runbook)).toContain(
      `Remove what earlier restores have left: ${WORKER} remove the data from before before was restored`,
    );
  });

  it("begins anew where old data were being put back", async () => {
    const runbook = restore(noting(await wanting(), { [A]: "returning", [B]: "switched" }));

    expect(machinesWith(runbook, "put-back-etcd-data")).toEqual([A, B]);
    expect(machinesWith(runbook, "stage-snapshot")).toEqual([A, B, C]);
    expect(machinesWith(runbook, "switch-etcd-data")).toEqual([A, B, C]);
    const titles = titlesOf(runbook);
    expect(titles.indexOf("Put the old data back")).toBeLessThan(titles.indexOf("Put the restored data beside etcd's"));
  });

  it("passes over what was only staged for another snapshot", async () => {
    const world = noting(await wanting(), { [A]: "staged" }, { id: "other", name: "other" });

    expect(machinesWith(restore(world), "stage-snapshot")).toEqual([A, B, C]);
  });
});

describe("restore() that was begun and is not asked for any more", () => {
  it("puts the old data back where they were exchanged, with everything stopped", async () => {
    const world = without(noting(await wanting(), { [A]: "switched", [B]: "switching", [C]: "staged" }));

    const runbook = restore(world);

    expect(titlesOf(runbook)).toEqual(["Stop the API servers", "Stop etcd", "Put the old data back"]);
    expect(
      machinesWith(
        [phase(runbook, "Stop etcd")].flatMap((one) => one ?? []),
        "remove-container",
      ),
    ).toEqual([A, B]);
    expect(lanesOf(phase(runbook, "Put the old data back"))).toEqual([
      ["put etcd's old data back, and remove those of before"],
      ["put etcd's old data back, and remove those of before"],
      ["remove the data of before beside etcd's"],
    ]);
  });

  it.each(["staging", "staged"] as const)("stops nothing where data are only %s", async (stage) => {
    const runbook = restore(without(noting(await wanting(), { [A]: stage, [B]: stage })));

    expect(titlesOf(runbook)).toEqual(["Put the old data back"]);
  });

  it("goes on to put them back after it was killed", async () => {
    const runbook = restore(without(noting(await wanting(), { [A]: "returning" })));

    expect(machinesWith(runbook, "put-back-etcd-data")).toEqual([A]);
  });

  it.each(["done", "finished"] as const)("has no way back when it is %s", async (stage) => {
    const runbook = restore(without(noting(await wanting(), { [A]: stage, [B]: "switched" })));

    expect(machinesWith(runbook, "put-back-etcd-data")).toEqual([]);
  });
});

describe("restore() refuses", () => {
  it("while a machine with etcd or an API server does not answer", async () => {
    const world = await wanting((cluster) => {
      cluster.machine(B).answers = "not to us";
    });

    expect(() => restore(world)).toThrow(
      'Cannot restore "before": all machines with etcd or an API server have to answer, and these do not\n' +
        "  node-2 (10.0.0.2): connection timed out",
    );
  });

  it("nothing because of a worker, or of a machine that leaves", async () => {
    const world = await wanting(
      (cluster) => {
        for (const address of [A, WORKER]) cluster.machine(address).answers = "to nobody";
      },
      { args: { nodes: threeAndTwo.filter(({ address }) => address !== A) }, before: args },
    );

    expect(machinesWith(restore(world), "switch-etcd-data")).toEqual([B, C]);
  });

  it("when the data of another one are in place that is not done", async () => {
    const world = noting(await wanting(), { [A]: "switched", [B]: "staged" }, { id: "other", name: "other" });

    expect(() => restore(world)).toThrow(/the restore of "other" was begun .* node-1 \(10\.0\.0\.1\) has its data/);
  });

  it("when it was begun with other members", async () => {
    const world = noting(await wanting(), { [A]: "switching" }, { id: "other" });

    expect(() => restore(world)).toThrow(/a restore of it was begun with other members/);
  });

  it("when etcd is somebody else's", async () => {
    const world = await wanting();
    const { config } = world.desired;
    const etcd = { ...config.services.etcd, externalUrls: ["https://192.0.2.4:2379"] };
    const external = { ...world.desired, config: { ...config, services: { ...config.services, etcd } } };

    expect(() => restore({ ...world, desired: external })).toThrow(/etcd is not ours/);
  });
});

describe("up() after a restore", () => {
  const done = { [A]: "done", [B]: "done", [C]: "done" } as const;
  const finished = { [A]: "finished", [B]: "finished", [C]: "finished" } as const;

  it("lets everybody see the restored data, once", async () => {
    const runbook = up(noting(await wanting(), done));

    expect(titlesOf(runbook)).toEqual([
      "Let all nodes see the restored data",
      "Let pods see the restored data",
      "Forget nodes of the snapshot",
      "Finish the restore",
    ]);
    expect(machinesWith(runbook, "restart-container")).toEqual(threeAndTwo.map(({ address }) => address));
    expect(up(noting(await wanting(), finished))).toEqual([]);
  });

  it("leaves alone what was started after the restore, by the clock of each machine", async () => {
    const world = noting(await wanting(), done);
    const node = world.facts.nodes[WORKER];
    if (node?.status === "reached") node.machine.clockOffsetMs = 60_000;

    const [restart] = up(world).flatMap(({ lanes }) => lanes.flat().filter((step) => step.node === WORKER));

    expect(restart?.params).toMatchObject({ name: "kubelet", sinceMs: Date.parse("2026-11-21T08:01:00.000Z") });
  });

  it("is not at its end as long as somebody may go on with what he knows", async () => {
    const world = noting(
      await wanting((cluster) => {
        cluster.machine(WORKER).answers = "not to us";
      }),
      done,
    );

    expect(titlesOf(up(world))).not.toContain("Finish the restore");
    expect(titlesOf(up(without(world)))).not.toContain("Remove the data from before the restore");
  });

  it("keeps the old data as long as the program asks for the restore", async () => {
    const world = noting(await wanting(), finished);

    expect(up(world)).toEqual([]);
    expect(linesOf(up(without(world)))).toEqual(
      [A, B, C].map(
        (address) =>
          `Remove the data from before the restore: ${address} remove the data from before before was restored`,
      ),
    );
  });

  it("comes to its end before the old data are removed", async () => {
    const titles = titlesOf(up(without(noting(await wanting(), done))));

    expect(titles.slice(-2)).toEqual(["Finish the restore", "Remove the data from before the restore"]);
  });
});

describe("the ids of restores", () => {
  it("do not depend on the order of the nodes", async () => {
    const { id } = restoredCluster(await wanting(), "before");
    const turned = await wanting(undefined, { args: { nodes: threeAndTwo.toReversed() } });

    expect(restoredCluster(turned, "before").id).toBe(id);
  });

  it("do not depend on workers", async () => {
    const more = [...threeAndTwo, { ...nodesOf(worker)[0], address: "10.0.0.8", hostnameOverride: "node-8" }];
    const world = await wanting(undefined, { args: { nodes: more } });

    expect(restoredCluster(world, "before").id).toBe(restoredCluster(await wanting(), "before").id);
  });
});
