import { describe, expect, it, onTestFinished } from "vitest";

import { hexId } from "../../provider/hosts/etcd.ts";
import { bringUp, lookAround, previewUp } from "../../provider/resources/operation.ts";
import { clientOf, nodeNameOf } from "./cluster.ts";
import { unlike } from "./unlike.ts";
import { aWorld } from "./world.ts";

const world = aWorld({ cluster: true });
const { here, docker, etcd, kube, raw, client, host, operation } = world;

let announced = 0;

/** A place that no member has had: nobody answers there. */
function aPeerUrl(): string {
  announced += 1;
  return `https://192.0.2.${announced}:2380`;
}

describe("A member of etcd that is well", () => {
  it("calls itself healthy", async () => {
    const answer = await asked("/health");

    expect(answer).toMatchObject({ status: 200, json: { health: "true", reason: "" } });
    expect(await etcd().health()).toMatchObject({ healthy: true });
  });

  it("knows its leader, its place in the log and its version", async () => {
    const { json } = await told("/v3/maintenance/status");

    const number = expect.stringMatching(/^[1-9]\d*$/);
    expect(json).toMatchObject({
      header: { cluster_id: number, member_id: number, raft_term: number },
      version: "3.5.15",
      dbSize: number,
      leader: number,
      raftIndex: number,
      raftTerm: number,
      raftAppliedIndex: number,
    });
    expect(Object.keys(json ?? {})).not.toContain("isLearner");
    expect(Object.keys(json ?? {})).not.toContain("errors");
  });

  it("lists all members, with what they call themselves and without what is not so", async () => {
    const { json } = await told("/v3/cluster/member/list");

    const members = json?.members as readonly { readonly name: string }[];
    expect(members.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
      here().addresses.map((address, index) => ({
        ID: expect.stringMatching(/^[1-9]\d*$/),
        name: `etcd-${nodeNameOf(index + 1)}`,
        peerURLs: [`https://${address}:2380`],
        clientURLs: [`https://${address}:2379`],
      })),
    );
  });

  it("is one of its own list", async () => {
    const [{ memberId }, members] = await Promise.all([etcd(2).status(), etcd().members()]);

    expect(members.find(({ id }) => id === memberId)?.name).toBe("etcd-node-2");
  });

  it("answers a client without a certificate by hanging up", async () => {
    const { ca } = client("kube-ca");

    await expect(
      host().fetch({ port: 2379, path: "/health" }, { tls: { ca, host: "127.0.0.1" } }),
    ).rejects.toMatchObject({
      code: "ssh",
      detail: { because: expect.stringMatching(/^the connection broke: /) },
    });
  });

  it("says 404 to what it does not know", async () => {
    expect(await told("/v3/contract/nothing")).toMatchObject({ status: 404 });
  });
});

describe("A learner", () => {
  it("has no name and no clients before it has started", async () => {
    const peerUrl = aPeerUrl();

    const added = await aLearner(peerUrl);

    expect(added).toEqual({
      id: expect.stringMatching(/^\d+$/),
      name: "",
      peerUrls: [peerUrl],
      clientUrls: [],
      isLearner: true,
    });
    expect(await etcd(2).members()).toContainEqual(added);
  });

  it("is not added twice", async () => {
    const peerUrl = aPeerUrl();
    await aLearner(peerUrl);

    const answer = await told("/v3/cluster/member/add", { peerURLs: [peerUrl], isLearner: true });

    // The second text is for one that was added in the same second, which has the same id.
    expect(answer).toMatchObject({
      status: 400,
      json: { message: expect.stringMatching(/^etcdserver: (Peer URLs already exists|member ID already exist)$/) },
    });
  });

  it("is the only one at a time", async () => {
    await aLearner();

    const answer = await told("/v3/cluster/member/add", { peerURLs: [aPeerUrl()], isLearner: true });

    expect(answer).toMatchObject({ status: 400, json: { message: "etcdserver: too many learner members in cluster" } });
  });

  it("gets no vote before it is in sync", async () => {
    const { id } = await aLearner();

    const answer = await told("/v3/cluster/member/promote", { ID: id });

    const message = "etcdserver: can only promote a learner member which is in sync with leader";
    expect(answer).toMatchObject({ status: 400, json: { message } });
    expect(await etcd().promote(id)).toBe("not in sync");
  });

  it("is gone once it is removed, and cannot be removed again", async () => {
    const { id } = await aLearner();

    await etcd().remove(id);

    expect((await etcd().members()).map((member) => member.id)).not.toContain(id);
    const answer = await told("/v3/cluster/member/remove", { ID: id });
    expect(answer).toMatchObject({ status: 404, json: { message: "etcdserver: member not found" } });
  });

  unlike(
    "one that is added again in the second in which it was added before is taken for the one that was removed",
    async () => {
      const answers: unknown[] = [];
      for (let round = 1; round <= 5 && !answers.includes(404); round++) {
        const peerURLs = [aPeerUrl()];
        const { id } = await etcd().addLearner(String(peerURLs));
        await etcd().remove(id);
        const { status, json } = await told("/v3/cluster/member/add", { peerURLs, isLearner: true });
        answers.push(status, json?.message);
        const member = json?.member as { readonly ID: string } | undefined;
        if (member !== undefined) await etcd().remove(member.ID);
      }

      expect(answers.slice(-2)).toEqual([404, "etcdserver: member not found"]);
    },
  );
});

describe("A member that has a vote", () => {
  it("is not promoted again, which the product takes for done", async () => {
    const { memberId } = await etcd().status();

    const answer = await told("/v3/cluster/member/promote", { ID: memberId });

    expect(answer).toMatchObject({ status: 400, json: { message: "etcdserver: can only promote a learner member" } });
    expect(await etcd().promote(memberId)).toBe("promoted");
  });

  it("is not promoted when nobody knows it", async () => {
    const answer = await told("/v3/cluster/member/promote", { ID: "12345" });

    expect(answer).toMatchObject({ status: 404, json: { message: "etcdserver: member not found" } });
  });
});

describe("A cluster of etcd of which one member in three is down", () => {
  it("is healthy, and takes nobody in and lets nobody who runs go", { timeout: 120_000 }, async () => {
    await down(3);
    const { memberId } = await etcd(2).status();

    expect(await etcd().health()).toMatchObject({ healthy: true });
    await expect
      .poll(async () => told("/v3/cluster/member/add", { peerURLs: [aPeerUrl()], isLearner: true }), eventually)
      .toMatchObject({ status: 503, json: { message: "etcdserver: unhealthy cluster" } });
    expect(await told("/v3/cluster/member/remove", { ID: memberId })).toMatchObject({
      status: 503,
      json: { message: "etcdserver: unhealthy cluster" },
    });
  });
});

describe("A cluster of etcd of which two members in three are down", () => {
  it("says in every way that it has no leader", { timeout: 180_000 }, async () => {
    await down(2);
    await down(3);

    await expect
      .poll(async () => asked("/health"), eventually)
      .toMatchObject({ status: 503, json: { health: "false", reason: "RAFT NO LEADER" } });
    expect(await etcd().status()).toMatchObject({ leaderId: undefined, errors: ["etcdserver: no leader"] });
    expect(await etcd().members()).toHaveLength(3);
    await expect(etcd().addLearner(aPeerUrl())).rejects.toMatchObject({
      code: "etcd",
      transient: true,
      detail: { because: 'etcd answered 503: "etcdserver: unhealthy cluster"' },
    });
    await expect
      .poll(async () => kube().readyz(), eventually)
      .toMatchObject({ ready: false, answer: expect.stringMatching(/^\[-\]etcd failed: reason withheld$/m) });
  });

  it("is as it was when they are back", { timeout: 120_000 }, async () => {
    await expect.poll(async () => (await etcd().health()).healthy, eventually).toBe(true);
    await expect.poll(async () => (await kube().readyz()).ready, eventually).toBe(true);
  });
});

describe("A member that is taken out of etcd", () => {
  it("ends and says why, and its machine becomes a new one once the container is gone", {
    timeout: 300_000,
  }, async () => {
    const { memberId } = await etcd(3).status();

    await removed(memberId);

    await expect
      .poll(async () => (await docker(3).logs("etcd", { tail: 50 })).stderr, eventually)
      .toMatch(/the member has been permanently removed from the cluster/);
    await docker(3).remove("etcd");
    await bringUp({ ...operation(), former: operation().config.nodes });
    const members = await etcd().members();
    expect(members.map(({ name, isLearner }) => `${name} ${isLearner}`).sort()).toEqual(
      [1, 2, 3].map((index) => `etcd-${nodeNameOf(index)} false`),
    );
    expect(members.map(({ id }) => hexId(id))).not.toContain(hexId(memberId));
  });

  it("leaves a cluster with which there is nothing to do", { timeout: 60_000 }, async () => {
    const facts = await lookAround(operation());

    expect(previewUp({ ...operation(), former: operation().config.nodes }, facts)).toMatchObject({ runbook: [] });
  });
});

const eventually = { timeout: 60_000, interval: 100 };

const tls = () => ({ ...clientOf(here().certificates, "kube-node"), host: "127.0.0.1" });

/** What the first member answers. */
const asked = async (path: string) => raw(2379, { method: "GET", path }, { tls: tls() });

const told = async (path: string, body: object = {}) =>
  raw(2379, { method: "POST", path, body: JSON.stringify(body) }, { tls: tls() });

/** One that never starts, and is gone with the test. */
async function aLearner(peerUrl = aPeerUrl()) {
  const added = await etcd().addLearner(peerUrl);
  onTestFinished(async () => etcd().remove(added.id));
  return added;
}

/** Members that were down must have been back for a while before etcd lets one go. */
const removed = async (id: string): Promise<void> =>
  expect.poll(async () => etcd().remove(id), eventually).toBeUndefined();

/** Stops a member until the test is over. */
async function down(index: number): Promise<void> {
  await docker(index).stop("etcd", { graceSeconds: 5 });
  onTestFinished(async () => docker(index).start("etcd"));
}
