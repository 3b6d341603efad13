import { describe, expect, it } from "vitest";

import { type DueFile, deployedOn } from "../../../provider/reconcile/deployment.ts";
import type { World } from "../../../provider/reconcile/runbook.ts";
import { up } from "../../../provider/reconcile/up.ts";
import { aWorld, linesOf, master, nodesOf, worker } from "../../support/facts.ts";

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
    expect(files.every(({ change }) => change === "new")).toBe(true);
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

    expect(due(world, "10.0.0.2")).toMatchObject([{ path, change: "content" }]);
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

  const asUser = (uid: number) => ({ nodes, services: { etcd: { uid, gid: uid } } });

  it("gives the files of an etcd to its new user, although they say what they said", async () => {
    const world = await aWorld({ args: asUser(1000), before: asUser(52034) });

    expect(due(world, "10.0.0.1")).toMatchObject([
      { path: "/etc/kubernetes/ssl/kube-etcd-10-0-0-1.pem", uid: 1000, gid: 1000, change: "access" },
      { path: "/etc/kubernetes/ssl/kube-etcd-10-0-0-1-key.pem", uid: 1000, gid: 1000, change: "access" },
    ]);
  });

  it("gives them back to root when etcd runs as root again", async () => {
    const world = await aWorld({ args: { nodes }, before: asUser(52034) });

    expect(due(world, "10.0.0.1").map(({ uid, gid, change }) => [uid, gid, change])).toEqual([
      [0, 0, "access"],
      [0, 0, "access"],
    ]);
  });

  it("lets an etcd that gets a user of its own read the CA, whose mode alone is another", async () => {
    const world = await aWorld({ args: asUser(52034), before: { nodes } });

    expect(due(world, "10.0.0.1")).toContainEqual(
      expect.objectContaining({ path: "/etc/kubernetes/ssl/kube-ca.pem", mode: 0o644, change: "access" }),
    );
  });

  it("restarts nothing because of whose a file is: only etcd is made anew, for the user it runs as", async () => {
    const world = await aWorld({ args: asUser(1000), before: asUser(52034) });

    expect(linesOf(up(world)).filter((line) => /: 10\.0\.0\.\d+ (run|restart) /.test(line))).toEqual([
      expect.stringMatching(/^Change etcd: 10\.0\.0\.1 run etcd /),
    ]);
  });
});
