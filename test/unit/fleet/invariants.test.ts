import { describe, expect, it } from "vitest";

import { type RestoreMarker, restoreMarkerPath } from "../../../provider/steps/restore-marker.ts";
import { EtcdCluster } from "../../fleet/etcd-cluster.ts";
import { freshRecord } from "../../fleet/etcd-member.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { machinesFor, rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { ask, dockerOf, testFleet } from "./clients.ts";

const authority = testAuthority();

async function running(vector = "three-all-in-one") {
  const fleet = await testFleet({ nodes: machinesFor(vector) });
  const cluster = await rkeCluster(fleet, vector, { authority });
  return { fleet, cluster, docker: (node: string) => dockerOf(fleet.node(node).machine) };
}

interface Staged {
  readonly members: readonly string[];
  /** The machines that note a restore. */
  readonly staged: readonly string[];
  readonly stage?: RestoreMarker["stage"];
}

/** A restore of these members, as far as a client has come with it. */
function stage({ world, node }: Fleet, { members, staged, stage: at = "staged" }: Staged): void {
  const cluster = new EtcdCluster(world, 4711n, "another");
  for (const [index, name] of members.entries()) {
    const id = BigInt(index + 1);
    cluster.members.set(id, freshRecord(id, [`https://${node(name).machine.internalAddress}:2380`]));
  }
  world.etcdClusters.set("4711 restored abc", cluster);
  const marker = { stage: at, id: "one", name: "before", sha256: "abc", at: "2026-03-01T12:00:00.000Z" };
  for (const name of staged) node(name).machine.disk.write(restoreMarkerPath, JSON.stringify(marker), 0o644);
}

const broken = ({ invariants }: Fleet): readonly string[] => invariants.violations.map(({ invariant }) => invariant);

describe("Invariants", () => {
  it("find nothing wrong with a cluster that was just made", async () => {
    const { fleet } = await running();

    expect(() => fleet.invariants.assertHeld()).not.toThrow();
  });

  it("let one member of three be restarted, one after the other", async () => {
    const { fleet, docker } = await running();

    for (const node of ["node-1", "node-2", "node-3"]) await docker(node).getContainer("etcd").restart();

    expect(broken(fleet)).toEqual([]);
  });

  it("notice when a client stops the majority of etcd", async () => {
    const { fleet, docker } = await running();

    await docker("node-1").getContainer("etcd").stop();
    await docker("node-2").getContainer("etcd").stop();

    expect(broken(fleet)).toEqual(["quorum"]);
    expect(() => fleet.invariants.assertHeld()).toThrow("1 of 3 voters run and quorum is 2, at event");
  });

  it("permit a restore to stop all of etcd when every member of the new one has its data, and not before", async () => {
    const members = ["node-1", "node-2", "node-3"];
    const stopAll = async (staged: readonly string[]) => {
      const { fleet, docker } = await running();
      stage(fleet, { members, staged });
      for (const node of members) await docker(node).getContainer("kube-apiserver").stop();
      for (const node of members) await docker(node).getContainer("etcd").stop();
      return broken(fleet);
    };

    expect(await stopAll(members)).toEqual([]);
    expect(new Set(await stopAll(["node-1", "node-2"]))).toEqual(new Set(["control plane", "quorum"]));
  });

  it("permit nothing more once a restore is done", async () => {
    const { fleet, docker } = await running();
    const members = ["node-1", "node-2", "node-3"];
    stage(fleet, { members, staged: members, stage: "finished" });

    await docker("node-1").getContainer("etcd").stop();
    await docker("node-2").getContainer("etcd").stop();

    expect(broken(fleet)).toEqual(["quorum"]);
  });

  it("do not blame a client for a power cut", async () => {
    const { fleet } = await running();

    for (const node of ["node-1", "node-2"]) fleet.powerOff(node);

    expect(broken(fleet)).toEqual([]);
  });

  it("notice a voter that is added and cannot keep the quorum", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const cluster = await rkeCluster(fleet, "single-node", { authority, only: ["etcd"] });
    const { machine } = fleet.node("node-1");

    const body = { peerURLs: ["https://10.0.0.2:2380"] };
    const answer = await ask(machine, "https://10.0.0.1:2379/v3/cluster/member/add", {
      method: "POST",
      body,
      client: cluster.admin,
    });

    expect([answer.status, broken(fleet)]).toEqual([200, ["quorum"]]);
  });

  it("notice two API servers down at once", async () => {
    const { fleet, docker } = await running();

    await docker("node-1").getContainer("kube-apiserver").stop();
    const afterOne = broken(fleet);
    await docker("node-2").getContainer("kube-apiserver").stop();

    expect([afterOne, broken(fleet)]).toEqual([[], ["control plane"]]);
  });

  it("do not miss the API server of a machine whose Node was deleted", async () => {
    const { fleet, cluster, docker } = await running();
    const url = "https://127.0.0.1:6443/api/v1/nodes/10.0.0.1";

    await ask(fleet.node("node-1").machine, url, { method: "DELETE", client: cluster.admin });
    await docker("node-1").getContainer("kube-apiserver").remove({ force: true });
    await docker("node-2").getContainer("kube-apiserver").stop();

    expect(broken(fleet)).toEqual([]);
  });

  it("count workers that are down or cordoned, when told how many may be", async () => {
    const { fleet, cluster, docker } = await running("separated-planes");
    fleet.invariants.maxUnavailableWorkers = 1;
    const worker = docker("node-6").getContainer("kubelet");

    await worker.restart();
    await worker.stop();
    const afterOne = broken(fleet);
    const url = `https://127.0.0.1:6443/api/v1/nodes/w-3`;
    const body = { spec: { unschedulable: true } };
    const how = { method: "PATCH", type: "application/merge-patch+json", client: cluster.admin };
    const answer = await ask(fleet.node("node-4").machine, url, { ...how, body });

    expect([answer.status, afterOne, broken(fleet)]).toEqual([200, [], ["workers"]]);
  });

  it("notice a second CA on any disk", async () => {
    const { fleet } = await running();

    fleet.node("node-3").machine.disk.write("/etc/kubernetes/ssl/kube-ca.pem", testAuthority().cert);

    expect(broken(fleet)).toEqual(["one CA"]);
  });

  it("accept the same CA again, and another one while they are suspended", async () => {
    const { fleet } = await running();
    const { disk } = fleet.node("node-3").machine;

    disk.write("/etc/kubernetes/ssl/kube-ca.pem", authority.cert);
    fleet.invariants.suspend("one CA");
    disk.write("/etc/kubernetes/ssl/kube-ca.pem", testAuthority().cert);

    expect(broken(fleet)).toEqual([]);
  });

  it("notice a hand on a container that somebody else has put there", async () => {
    const { fleet, docker } = await running();
    const { machine } = fleet.node("node-1");
    machine.create({ name: "database", spec: { Image: "db", Cmd: ["bash"] }, isForeign: true });

    await docker("node-1").getContainer("database").inspect();
    await docker("node-1").getContainer("database").remove();

    expect(broken(fleet)).toEqual(["foreign containers"]);
  });
});
