import { describe, expect, it, onTestFinished } from "vitest";

import { Host } from "../../../provider/hosts/host.ts";
import { Pool } from "../../../provider/hosts/pool.ts";
import { Secret } from "../../../provider/secrets.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { testFleet } from "./clients.ts";

const authority = testAuthority();

function hostOf(fleet: Fleet, name: string): Host {
  const { host, port, user, privateKey, hostKey } = fleet.node(name);
  const pool = new Pool();
  const connection = { host, port, user, hostKey, privateKey: new Secret(privateKey) };
  const made = new Host({ name, connection, pool });
  onTestFinished(async () => {
    made.close();
    await pool.close();
  });
  return made;
}

describe("the product's own clients", () => {
  it("pull, create, start, wait, read the log and remove", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const docker = hostOf(fleet, "node-1").docker();

    await docker.pull("rancher/rke-tools:v0.1.114");
    await docker.create("greeter", {
      Image: "rancher/rke-tools:v0.1.114",
      Cmd: ["cert-deployer"],
      Env: ["KUBE_CA=pem"],
    });
    await docker.start("greeter");
    const code = await docker.wait("greeter");
    await docker.remove("greeter");

    expect([code, await docker.inspect("greeter")]).toEqual([0, undefined]);
  });

  it("read the health, the members and the status of etcd, and add a learner", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const cluster = await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });
    const etcd = hostOf(fleet, "node-2").etcd({ ca: authority.cert, ...cluster.admin });

    const health = await etcd.health();
    const learner = await etcd.addLearner("https://10.0.0.9:2380");
    const members = await etcd.members();

    expect(health).toMatchObject({ healthy: true });
    expect(members).toHaveLength(4);
    expect(await etcd.promote(learner.id)).toBe("not in sync");
  });

  it("list, cordon and delete nodes, apply objects and find pods", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const cluster = await rkeCluster(fleet, "three-all-in-one", { authority });
    const kube = hostOf(fleet, "node-1").kube({ ca: authority.cert, ...cluster.admin });

    const ready = await kube.readyz();
    const nodes = await kube.nodes();
    await kube.patchNode("10.0.0.2", { spec: { unschedulable: true } });
    await kube.deleteNode("10.0.0.2");

    expect(ready).toEqual({ ready: true, answer: "ok" });
    expect(nodes).toHaveLength(3);
    expect(fleet.journal.lines({ node: "node-1" }).slice(-2)).toEqual([
      "node cordoned 10.0.0.2",
      "node deleted 10.0.0.2",
    ]);
    expect(await kube.podsOn("10.0.0.1")).toEqual([]);
    expect(await kube.leases("kube-node-lease")).toHaveLength(3);
  });
});
