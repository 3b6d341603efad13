import { describe, expect, it } from "vitest";

import { restoreNotices } from "../../../provider/reconcile/restore-notices.ts";
import { restoredCluster } from "../../../provider/reconcile/restore-progress.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import type { RestoreMarker } from "../../../provider/steps/restore-marker.ts";
import { aWorld, everything, nodesOf, worker } from "../../support/facts.ts";

const args = { nodes: nodesOf(everything, everything, worker) };
const nameAt = (address: string) => `node-${address.split(".").at(-1)}`;
const asked = { restore: { name: "before", isDone: false } };

/** The first machine notes a restore. */
function noting(world: World, stage: RestoreMarker["stage"]): World {
  const { id } = restoredCluster(world, "before");
  const restore = { stage, id, name: "before", sha256: "abc", at: "2026-11-21T08:00:00.000Z" };
  const first = world.facts.nodes["10.0.0.1"];
  if (first?.status !== "reached") throw new Error("The first machine does not answer");
  const nodes = { ...world.facts.nodes, "10.0.0.1": { ...first, restore } };
  return { ...world, facts: { ...world.facts, nodes } };
}

describe("restoreNotices()", () => {
  it("say what stops, where, for how long, and what is lost", async () => {
    const world = { ...(await aWorld({ args })), ...asked };

    expect(restoreNotices(world, { nameAt })).toEqual([
      'warning: the restore of "before" stops etcd on node-1, node-2 and the API servers on node-1, node-2, for about a ' +
        "minute. Pods go on running; kubelets and proxies are restarted afterwards, and so are the pods of network, DNS, " +
        "ingress and metrics",
      "warning: everything that was written to the cluster after the snapshot was taken will be lost",
    ]);
  });

  it.each([
    [{ takenAt: "2026-11-20T03:00:00Z", revision: 1234 }, "before", "after 2026-11-20T03:00:00Z (revision 1234)"],
    [{}, "2026-11-20T03:00:00Z_etcd", "after 2026-11-20T03:00:00Z"],
    [{ revision: 7 }, "before", "after the snapshot was taken (revision 7)"],
  ])("say since when, where that is known: %o of %s", async (known, name, since) => {
    const world = { ...(await aWorld({ args })), restore: { name, isDone: false } };

    expect(restoreNotices(world, { nameAt, known }).join()).toContain(`written to the cluster ${since} will be lost`);
  });

  it("give a large database its time", async () => {
    const world = { ...(await aWorld({ args })), ...asked };
    for (const member of world.facts.etcd?.members ?? []) member.dbSizeBytes = 4 * 2 ** 30;

    expect(restoreNotices(world, { nameAt })[0]).toContain("for about 3 minutes");
  });

  it("stop nothing where all is lost", async () => {
    const world = { ...(await aWorld({ args, before: "none" })), ...asked };

    expect(restoreNotices(world, { nameAt })[0]).toBe(
      'the restore of "before" stops nothing: there is no etcd and no API server',
    );
  });

  it("warn of machines that leave and may go on with the old data", async () => {
    const before = { nodes: nodesOf(everything, everything, worker) };
    const world = await aWorld({
      args: { nodes: before.nodes.slice(1) },
      before,
      since: (cluster) => {
        cluster.machine("10.0.0.1").answers = "to nobody";
      },
    });

    expect(restoreNotices({ ...world, ...asked }, { nameAt }).at(-1)).toBe(
      "warning: node-1 does not answer and leaves. Should it still run, its etcd and its API server go on with the old " +
        "data: switch it off",
    );
  });

  it("say that a restore goes on which was begun", async () => {
    const world = noting({ ...(await aWorld({ args })), ...asked }, "switched");

    expect(restoreNotices(world, { nameAt })[0]).toBe(
      'the restore of "before" was begun, and goes on from where it stopped',
    );
  });

  it.each([
    ["switched", "is taken back: etcd gets its old data again"],
    ["staged", "was only prepared, and is forgotten"],
  ] as const)("say what becomes of one that is not asked for any more: %s", async (stage, what) => {
    expect(restoreNotices(noting(await aWorld({ args }), stage), { nameAt })).toEqual([
      `the restore of "before" did not come to its end and is not asked for any more. It ${what}`,
    ]);
  });

  it("tell of the old data as long as they are kept", async () => {
    const world = { ...(await aWorld({ args })), restore: { name: "before", isDone: true } };

    expect(restoreNotices(noting(world, "finished"), { nameAt })).toEqual([
      'the data from before "before" was restored are kept on node-1, in /var/lib/etcd/.pulumi-rke-restore. ' +
        "Take restore out of the program to remove them",
    ]);
    expect(restoreNotices(world, { nameAt })).toEqual([]);
  });
});
