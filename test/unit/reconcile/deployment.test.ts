import { describe, expect, it } from "vitest";

import { type DueFile, deployedOn } from "../../../provider/reconcile/deployment.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { aWorld, master, nodesOf, worker } from "../../support/facts.ts";

const nodes = nodesOf(master, worker);

function due(world: World, address: string): readonly DueFile[] {
  const plan = world.desired.nodes.find(({ node }) => node.address === address);
  return plan === undefined ? [] : deployedOn(world, plan);
}

describe("deployedOn()", () => {
  it("has nothing to write where all files are as they should be", async () => {
    const world = await aWorld({ args: { nodes } });

    expect(due(world, "10.0.0.1")).toEqual([]);
  });

  it("writes all files of a new machine, as new ones", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });
    const files = due(world, "10.0.0.2");

    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(["/etc/kubernetes/ssl/kube-ca.pem"]));
    expect(files.every(({ isNew }) => isNew)).toBe(true);
  });

  it("gives a worker no key of the CA", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });

    expect(due(world, "10.0.0.2").map(({ path }) => path)).not.toContain("/etc/kubernetes/ssl/kube-ca-key.pem");
  });

  it("writes a file that has changed, as one that somebody may have read", async () => {
    const path = "/etc/kubernetes/ssl/kube-proxy.pem";
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => cluster.machine("10.0.0.2").files.set(path, { sha256: "another", mode: 0o600 }),
    });

    expect(due(world, "10.0.0.2")).toMatchObject([{ path, isNew: false }]);
  });

  it("makes an etcd that runs as somebody else the owner of its own files", async () => {
    const services = { etcd: { uid: 52034, gid: 52034 } };
    const world = await aWorld({ args: { nodes, services }, before: "none" });
    const files = due(world, "10.0.0.1");
    const owned = files.filter(({ uid }) => uid !== undefined);

    expect(owned.map(({ path, uid, gid }) => [path, uid, gid])).toEqual([
      ["/etc/kubernetes/ssl/kube-etcd-10-0-0-1.pem", 52034, 52034],
      ["/etc/kubernetes/ssl/kube-etcd-10-0-0-1-key.pem", 52034, 52034],
    ]);
    expect(files.find(({ path }) => path.endsWith("/kube-ca.pem"))?.mode).toBe(0o644);
  });

  it("gives nobody a file on machines without etcd", async () => {
    const services = { etcd: { uid: 52034, gid: 52034 } };
    const world = await aWorld({ args: { nodes, services }, before: "none" });

    expect(due(world, "10.0.0.2").filter(({ uid, mode }) => uid !== undefined || mode !== undefined)).toEqual([]);
  });
});
