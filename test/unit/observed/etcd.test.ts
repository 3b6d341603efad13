import { describe, expect, it } from "vitest";

import type { EtcdMemberFact } from "../../../provider/observed/facts.ts";
import type { Fleet, FleetOptions } from "../../fleet/fleet.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { testFleet } from "../fleet/clients.ts";
import { bundleOf, hostsOf, lookAtFleet, nodesOf } from "./look-at-fleet.ts";

const authority = testAuthority();

async function threeMembers(options: Partial<FleetOptions> = {}) {
  const fleet = await testFleet({ nodes: 3, ...options });
  const cluster = await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });
  const certificates = bundleOf(cluster);
  const look = async () => (await lookAtFleet(fleet, { certificates })).etcd;
  return { fleet, cluster, certificates, look };
}

const stop = (fleet: Fleet, name: string) => fleet.node(name).machine.find("etcd")?.stop();

const healthy = (members: readonly EtcdMemberFact[] | undefined): readonly (string | undefined)[] =>
  (members ?? []).filter(({ isHealthy }) => isHealthy).map(({ node }) => node);

describe("etcd seen", () => {
  it("has members on the nodes that they are on, one of them the leader", async () => {
    const { look } = await threeMembers();

    const etcd = await look();

    expect(etcd).toMatchObject({ hasQuorum: true, clusterId: expect.stringMatching(/^[1-9]\d+$/) });
    expect(etcd?.members.map(({ name, node }) => [name, node])).toEqual([
      ["etcd-10.0.0.1", "10.0.0.1"],
      ["etcd-10.0.0.2", "10.0.0.2"],
      ["etcd-10.0.0.3", "10.0.0.3"],
    ]);
    expect(etcd?.members.filter(({ isLeader }) => isLeader)).toHaveLength(1);
    expect(etcd?.members[0]).toMatchObject({ isHealthy: true, hasStarted: true, isLearner: false, lag: 0 });
  });

  it("is told by another member when the first does not say who belongs to it", async () => {
    const { fleet, look } = await threeMembers();
    fleet.faults.drop({ layer: "etcd", what: /member\/list/, times: 1 });

    const etcd = await look();

    expect([etcd?.hasQuorum, healthy(etcd?.members).length]).toEqual([true, 3]);
  });

  it("has its quorum with one member down, whose state nobody knows", async () => {
    const { fleet, look } = await threeMembers();
    stop(fleet, "node-2");

    const etcd = await look();

    expect([etcd?.hasQuorum, healthy(etcd?.members)]).toEqual([true, ["10.0.0.1", "10.0.0.3"]]);
    expect(etcd?.members[1]).not.toHaveProperty("version");
  });

  it("has lost its quorum with two members down, and still tells its members", async () => {
    const { fleet, look } = await threeMembers();
    stop(fleet, "node-2");
    stop(fleet, "node-3");

    const etcd = await look();

    expect([etcd?.hasQuorum, healthy(etcd?.members), etcd?.members.length]).toEqual([false, [], 3]);
  });

  it("is absent when no member answers", async () => {
    const { fleet, look } = await threeMembers();
    for (const name of ["node-1", "node-2", "node-3"]) stop(fleet, name);

    expect(await look()).toBeUndefined();
  });

  it("has a learner that has not started, on no node that is known", async () => {
    const { fleet, certificates, look } = await threeMembers();
    const client = { ca: authority.cert, cert: certificates["kube-admin"]?.certificate ?? "", key: "" };
    const key = certificates["kube-admin"]?.key?.unwrap() ?? "";
    await hostsOf(fleet)("10.0.0.1")
      .etcd({ ...client, key })
      .addLearner("https://10.0.0.9:2380");

    const learner = (await look())?.members.find(({ isLearner }) => isLearner);

    expect(learner).toMatchObject({
      name: "",
      hasStarted: false,
      isHealthy: false,
      peerUrls: ["https://10.0.0.9:2380"],
    });
    expect(learner).not.toHaveProperty("node");
  });

  it("is what the members say that have a leader, when one was left alone with another list", async () => {
    const { fleet, look } = await threeMembers();
    fleet.network.partition("node-1");

    const etcd = await look();

    expect([etcd?.hasQuorum, healthy(etcd?.members)]).toEqual([true, ["10.0.0.2", "10.0.0.3"]]);
  });

  it("is not asked where the certificates for it are missing", async () => {
    const { fleet, certificates } = await threeMembers();
    const { "kube-node": _, ...rest } = certificates;

    expect(await lookAtFleet(fleet, { certificates: rest })).not.toHaveProperty("etcd");
  });

  it("is not asked on nodes without the role", async () => {
    const { fleet, certificates } = await threeMembers();
    const nodes = nodesOf(fleet).map((node) => ({ ...node, role: ["worker"] as const }));

    expect(await lookAtFleet(fleet, { certificates, nodes })).not.toHaveProperty("etcd");
  });
});
