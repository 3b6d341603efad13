import { describe, expect, it } from "vitest";

import { planesOf } from "../../../provider/reconcile/planes.ts";
import { up } from "../../../provider/reconcile/up.ts";
import { aWorld, threeAndTwo, worker } from "../../support/facts.ts";

const nodes = threeAndTwo;

describe("planesOf()", () => {
  const planes = async (words: Parameters<typeof aWorld>[0]) => {
    const world = await aWorld(words);
    return planesOf(world, up(world));
  };

  it("says that nothing changes", async () => {
    expect(await planes({ args: { nodes } })).toEqual({
      etcd: "no change",
      controlplane: "no change",
      worker: "no change",
      addons: "no change",
    });
  });

  it("says how many nodes change, and at which pace", async () => {
    const args = { nodes, upgradeStrategy: { maxUnavailableWorker: "100%" } };
    const before = { ...args, kubernetesVersion: "v1.30.8-rancher1-1" };

    expect(await planes({ args, before })).toMatchObject({
      etcd: "3 nodes, one at a time",
      controlplane: "3 nodes, one at a time",
      worker: "2 nodes, all at once",
    });
  });

  it("does not take what makes snapshots for a member", async () => {
    const services = { etcd: { snapshot: true, backupConfig: { intervalHours: 3 } } };

    expect(await planes({ args: { nodes, services }, before: { nodes } })).toMatchObject({
      etcd: "snapshots on 3 nodes",
      controlplane: "no change",
    });
  });

  it("counts a node in the plane that it leaves and in the one that it joins", async () => {
    const after = nodes.map((node) => (node.address === "10.0.0.3" ? { ...node, role: worker } : node));

    expect(await planes({ args: { nodes: after }, before: { nodes } })).toMatchObject({
      etcd: "1 node leaves",
      controlplane: "2 nodes, one at a time",
    });
  });
});
