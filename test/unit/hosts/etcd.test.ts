import { createServer } from "node:https";
import { describe, expect, it } from "vitest";

import { type Etcd, hexId } from "../../../provider/hosts/etcd.ts";
import { aHost, aServer, handTo, listener, type Route, type Seen } from "./a-machine.ts";
import { aCertificate, anAuthority } from "./certificates.ts";

const authority = anAuthority();
const serving = aCertificate("kube-etcd", authority);
const client = aCertificate("kube-etcd-client", authority);

const ID = "9372538179322589801";

async function anEtcd(route: Route, { apiPrefix }: { apiPrefix?: string } = {}): Promise<{ etcd: Etcd; seen: Seen[] }> {
  const seen: Seen[] = [];
  const member = createServer({ ...serving, requestCert: true, rejectUnauthorized: true }, listener(route, seen));
  const server = await aServer({ directTcpip: () => handTo(member) });
  return { etcd: aHost(server).etcd(client, { apiPrefix }), seen };
}

const says = (status: number, message: string) => ({ status, json: { error: message, code: 9, message } });

describe("Etcd", () => {
  it("lists members, and keeps all digits of their ids", async () => {
    const { etcd, seen } = await anEtcd(() => ({
      json: {
        members: [
          { ID, name: "etcd-node-1", peerURLs: ["https://10.0.0.1:2380"], clientURLs: ["https://10.0.0.1:2379"] },
          { ID: "2", peerURLs: ["https://10.0.0.2:2380"], isLearner: true },
        ],
      },
    }));

    const members = await etcd.members();

    expect(seen).toMatchObject([{ method: "POST", url: "/v3/cluster/member/list", body: "{}" }]);
    expect(members).toEqual([
      {
        id: ID,
        name: "etcd-node-1",
        peerUrls: ["https://10.0.0.1:2380"],
        clientUrls: ["https://10.0.0.1:2379"],
        isLearner: false,
      },
      { id: "2", name: "", peerUrls: ["https://10.0.0.2:2380"], clientUrls: [], isLearner: true },
    ]);
  });

  it("adds members as learners", async () => {
    const { etcd, seen } = await anEtcd(() => ({ json: { member: { ID: "7", isLearner: true } } }));

    const member = await etcd.addLearner("https://10.0.0.3:2380");

    expect(member).toMatchObject({ id: "7", isLearner: true });
    expect(JSON.parse(seen[0]?.body ?? "")).toEqual({ peerURLs: ["https://10.0.0.3:2380"], isLearner: true });
  });

  it.each([
    [200, "", "promoted"],
    [400, "etcdserver: can only promote a learner member which is in sync with leader", "not in sync"],
    [400, "etcdserver: can only promote a learner member", "promoted"],
  ])("takes %i %s as the answer to a promotion", async (status, message, outcome) => {
    const { etcd } = await anEtcd(() => says(status, message));

    expect(await etcd.promote(ID)).toBe(outcome);
  });

  it("takes the removal of a member that is gone as done", async () => {
    const { etcd } = await anEtcd(() => says(404, "etcdserver: member not found"));

    await expect(etcd.remove(ID)).resolves.toBeUndefined();
  });

  it("sends the id of the member to remove as text", async () => {
    const { etcd, seen } = await anEtcd(() => ({ json: {} }));

    await etcd.remove(ID);

    expect(seen[0]?.body).toBe(`{"ID":"${ID}"}`);
  });

  it.each([
    ["a change that could cost the quorum", 400, "etcdserver: unhealthy cluster", false],
    ["the lack of a leader", 503, "etcdserver: no leader", true],
    ["a request that timed out", 503, "etcdserver: request timed out", true],
  ])("explains %s", async (_case, status, message, transient) => {
    const { etcd } = await anEtcd(() => says(status, message));

    const removing = etcd.remove(ID);

    await expect(removing).rejects.toThrowErrorMatchingSnapshot();
    await expect(removing).rejects.toMatchObject({ code: "etcd", transient });
  });

  it("reads the state of a member, where zero is left out", async () => {
    const { etcd } = await anEtcd(() => ({
      json: {
        header: { cluster_id: "7", member_id: ID },
        version: "3.5.16",
        dbSize: "20480",
        leader: "42",
        raftTerm: "3",
      },
    }));

    expect(await etcd.status()).toEqual({
      clusterId: "7",
      memberId: ID,
      version: "3.5.16",
      leaderId: "42",
      dbSizeBytes: 20480,
      raftTerm: "3",
      raftIndex: "0",
      raftAppliedIndex: "0",
      isLearner: false,
      errors: [],
    });
  });

  it("knows no leader when there is none", async () => {
    const { etcd } = await anEtcd(() => ({ json: { errors: ["etcdserver: no leader"] } }));

    expect(await etcd.status()).toMatchObject({ leaderId: undefined, errors: ["etcdserver: no leader"] });
  });

  it.each([
    [200, { health: "true", reason: "" }, true],
    [200, { health: true }, true],
    [503, { health: "false", reason: "RAFT NO LEADER" }, false],
  ])("takes %i %j as the answer to a health check", async (status, json, healthy) => {
    const { etcd } = await anEtcd(() => ({ status, json }));

    expect(await etcd.health()).toMatchObject({ healthy });
  });

  it("speaks to older versions under their own path", async () => {
    const { etcd, seen } = await anEtcd(() => ({ json: {} }), { apiPrefix: "/v3beta" });

    await etcd.members();

    expect(seen[0]?.url).toBe("/v3beta/cluster/member/list");
  });
});

describe("hexId()", () => {
  it("writes an id as etcd's own tools do", () => {
    expect(hexId(ID)).toBe("8211f1d0f64f3269");
  });
});
