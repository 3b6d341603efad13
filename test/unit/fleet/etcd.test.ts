import { describe, expect, it } from "vitest";

import { dataFile } from "../../fleet/etcd-data.ts";
import { EtcdMember } from "../../fleet/etcd-member.ts";
import type { Fleet, FleetOptions } from "../../fleet/fleet.ts";
import { type RkeCluster, rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { ask, type Reply, testFleet } from "./clients.ts";

const authority = testAuthority();

interface Etcd {
  readonly fleet: Fleet;
  readonly cluster: RkeCluster;
  call(node: string, path: string, body?: object): Promise<Reply>;
  log(node: string): readonly string[];
  memberId(node: string, name: string): Promise<string>;
}

/** Three members as RKE starts them, and a fourth machine without one. */
async function threeMembers(options: Partial<FleetOptions> = {}): Promise<Etcd> {
  const fleet = await testFleet({ nodes: 4, ...options });
  const cluster = await rkeCluster(fleet, "three-all-in-one", { authority, only: ["etcd"] });
  const call: Etcd["call"] = (node, path, body) => {
    const { machine } = fleet.node(node);
    const request = path.startsWith("/v3") ? { method: "POST", body: body ?? {} } : {};
    return ask(machine, `https://${machine.address}:2379${path}`, { ...request, client: cluster.admin });
  };
  return {
    fleet,
    cluster,
    call,
    log: (node) =>
      fleet
        .node(node)
        .machine.find("etcd")
        ?.logs.map(({ text }) => text) ?? [],
    async memberId(node, name) {
      const { body } = await call(node, "/v3/cluster/member/list");
      return body.members.find((member: { name: string }) => member.name === name).ID;
    },
  };
}

/** Starts etcd on node-4 with the arguments of a member that joins. */
function startFourth(
  { fleet, cluster }: Etcd,
  change: (cmd: readonly string[]) => readonly string[] = (cmd) => cmd,
): void {
  const { machine } = fleet.node("node-4");
  const source = fleet.node("node-1").machine;
  for (const path of source.disk.list("/etc/kubernetes/ssl")) machine.disk.write(path, source.disk.read(path) ?? "");
  const pair = cluster.authority.issue({ commonName: "kube-etcd", names: ["10.0.0.4", "127.0.0.1"] });
  machine.disk.write("/etc/kubernetes/ssl/kube-etcd-10-0-0-4.pem", pair.cert);
  machine.disk.write("/etc/kubernetes/ssl/kube-etcd-10-0-0-4-key.pem", pair.key);
  const spec = cluster.spec("node-1", "etcd");
  const initial = [1, 2, 3, 4].map((n) => `etcd-10.0.0.${n}=https://10.0.0.${n}:2380`).join(",");
  const cmd = (spec.Cmd as readonly string[]).map((word) => {
    if (word.startsWith("--initial-cluster=")) return `--initial-cluster=${initial}`;
    if (word.startsWith("--initial-cluster-state=")) return "--initial-cluster-state=existing";
    return word.replaceAll("10.0.0.1", "10.0.0.4").replaceAll("10-0-0-1", "10-0-0-4");
  });
  const HostConfig = { ...spec.HostConfig, RestartPolicy: { Name: "no" } };
  machine.create({ name: "etcd", spec: { ...spec, HostConfig, Cmd: change(cmd) } }).start();
}

const asMember = { peerURLs: ["https://10.0.0.4:2380"], isLearner: true };

describe("etcd", () => {
  it("forms a cluster from RKE's own arguments", async () => {
    const { call } = await threeMembers();

    const { body } = await call("node-2", "/v3/cluster/member/list", { linearizable: true });

    expect(body.members).toEqual([
      {
        ID: expect.any(String),
        name: "etcd-10.0.0.1",
        peerURLs: ["https://10.0.0.1:2380"],
        clientURLs: ["https://10.0.0.1:2379"],
      },
      {
        ID: expect.any(String),
        name: "etcd-10.0.0.2",
        peerURLs: ["https://10.0.0.2:2380"],
        clientURLs: ["https://10.0.0.2:2379"],
      },
      {
        ID: expect.any(String),
        name: "etcd-10.0.0.3",
        peerURLs: ["https://10.0.0.3:2380"],
        clientURLs: ["https://10.0.0.3:2379"],
      },
    ]);
  });

  it("refuses a client without a certificate of its CA", async () => {
    const { fleet } = await threeMembers();
    const stranger = testAuthority("other").issue({ commonName: "x" });
    const health = "https://10.0.0.1:2379/health";

    await expect(ask(fleet.node("node-1").machine, health)).rejects.toThrow();
    await expect(ask(fleet.node("node-1").machine, health, { client: stranger })).rejects.toThrow();
  });

  it("is healthy with two of three members and not with one", async () => {
    const { fleet, call } = await threeMembers();

    fleet.node("node-2").machine.find("etcd")?.stop();
    const withTwo = await call("node-1", "/health");
    fleet.node("node-3").machine.find("etcd")?.stop();
    const withOne = await call("node-1", "/health");

    expect(withTwo).toEqual({ status: 200, body: { health: "true", reason: "" } });
    expect(withOne).toEqual({ status: 503, body: { health: "false", reason: "RAFT NO LEADER" } });
  });

  it("refuses new members without a majority, before it asks the others", async () => {
    const { fleet, call } = await threeMembers();
    for (const node of ["node-2", "node-3"]) fleet.powerOff(node);

    const add = await call("node-1", "/v3/cluster/member/add", asMember);

    expect(add).toMatchObject({ status: 503, body: { error: "etcdserver: unhealthy cluster", code: 14 } });
  });

  it("lets requests time out without a majority, and still lists members from memory", async () => {
    const { fleet, call } = await threeMembers();
    for (const node of ["node-2", "node-3"]) fleet.powerOff(node);

    const put = await call("node-1", "/v3/kv/put", { key: "YQ==", value: "Yg==" });
    const list = await call("node-1", "/v3/cluster/member/list");

    expect(put).toMatchObject({ status: 503, body: { error: "etcdserver: request timed out", code: 14 } });
    expect(list.body.members).toHaveLength(3);
  });

  it("finds a new leader in a higher term, after the election", async () => {
    const { fleet, call } = await threeMembers({ pace: { electionMs: 500 } });
    const before = (await call("node-2", "/v3/maintenance/status")).body;

    fleet.node("node-1").machine.find("etcd")?.stop();
    const during = (await call("node-2", "/v3/maintenance/status")).body;
    const leader = async () => (await call("node-2", "/v3/maintenance/status")).body.leader;
    await expect.poll(leader, { timeout: 10_000 }).toBeDefined();
    const after = (await call("node-2", "/v3/maintenance/status")).body;

    expect(during).toMatchObject({ errors: ["etcdserver: no leader"] });
    expect(after.leader).not.toBe(before.leader);
    expect(Number(after.raftTerm)).toBeGreaterThan(Number(before.raftTerm));
  });

  it("leaves the minority of a partition without a leader", async () => {
    const { fleet, call } = await threeMembers();

    fleet.network.partition("node-1");

    expect((await call("node-1", "/health")).status).toBe(503);
    expect((await call("node-2", "/health")).status).toBe(200);
  });

  it("takes a learner in, and promotes it once it is in sync", async () => {
    const etcd = await threeMembers();
    const { call } = etcd;

    const added = await call("node-1", "/v3/cluster/member/add", asMember);
    startFourth(etcd);
    const asLearner = await call("node-4", "/v3/maintenance/status");
    const promoted = await call("node-1", "/v3/cluster/member/promote", { ID: added.body.member.ID });

    expect(added.body.member).toEqual({ ID: expect.any(String), peerURLs: asMember.peerURLs, isLearner: true });
    expect(asLearner.body).toMatchObject({ isLearner: true });
    expect(promoted.body.members).toHaveLength(4);
    expect((await call("node-4", "/health")).status).toBe(200);
  });

  it("does not promote a learner that lags behind", async () => {
    const etcd = await threeMembers({ pace: { syncMs: 60_000 } });
    const { body } = await etcd.call("node-1", "/v3/cluster/member/add", asMember);
    startFourth(etcd);

    const promoted = await etcd.call("node-1", "/v3/cluster/member/promote", { ID: body.member.ID });

    expect(promoted).toMatchObject({
      status: 400,
      body: { code: 9, error: "etcdserver: can only promote a learner member which is in sync with leader" },
    });
  });

  it("refuses the things that a learner cannot do", async () => {
    const etcd = await threeMembers();
    await etcd.call("node-1", "/v3/cluster/member/add", asMember);
    startFourth(etcd);

    const range = await etcd.call("node-4", "/v3/kv/range", { key: Buffer.from("a").toString("base64") });

    expect(range).toMatchObject({ status: 503, body: { error: "etcdserver: rpc not supported for learner" } });
    expect((await etcd.call("node-4", "/health")).status).toBe(503);
  });

  it.each([
    [
      "a second learner",
      { peerURLs: ["https://10.0.0.9:2380"], isLearner: true },
      "too many learner members in cluster",
    ],
    ["an address that is taken", { peerURLs: ["https://10.0.0.1:2380"] }, "Peer URLs already exists"],
  ])("refuses %s", async (_case, body, because) => {
    const { call } = await threeMembers();
    await call("node-1", "/v3/cluster/member/add", asMember);

    const answer = await call("node-1", "/v3/cluster/member/add", body);

    expect(answer).toMatchObject({ status: 400, body: { error: `etcdserver: ${because}` } });
  });

  it("refuses to add while a member is down", async () => {
    const { fleet, call } = await threeMembers();
    fleet.node("node-3").machine.find("etcd")?.stop();

    const answer = await call("node-1", "/v3/cluster/member/add", { peerURLs: asMember.peerURLs });

    expect(answer).toMatchObject({ status: 503, body: { error: "etcdserver: unhealthy cluster" } });
  });

  it("refuses to remove a member that is needed, and lets a dead one go", async () => {
    const { fleet, call, memberId } = await threeMembers();
    const [healthy, dead] = [await memberId("node-1", "etcd-10.0.0.2"), await memberId("node-1", "etcd-10.0.0.3")];
    fleet.node("node-3").machine.find("etcd")?.stop();

    const refused = await call("node-1", "/v3/cluster/member/remove", { ID: healthy });
    const removed = await call("node-1", "/v3/cluster/member/remove", { ID: dead });

    expect(refused).toMatchObject({ status: 503, body: { error: "etcdserver: unhealthy cluster" } });
    expect(removed.body.members).toHaveLength(2);
  });

  it("says that it does not know a member", async () => {
    const { call } = await threeMembers();

    const answer = await call("node-1", "/v3/cluster/member/remove", { ID: "12345" });

    expect(answer).toMatchObject({ status: 404, body: { error: "etcdserver: member not found", code: 5 } });
  });

  it("ends a removed member, and every later start of it until its data is wiped", async () => {
    const { fleet, call, memberId, log } = await threeMembers();

    await call("node-1", "/v3/cluster/member/remove", { ID: await memberId("node-1", "etcd-10.0.0.3") });
    const container = fleet.node("node-3").machine.find("etcd");
    await container?.until(() => container.restartCount > 0);

    expect(log("node-3").join("\n")).toContain("the member has been permanently removed from the cluster");
    expect(container?.status).toBe("restarting");
  });

  it("keeps its identity over a restart, whatever the flags say then", async () => {
    const { fleet, cluster, call, memberId } = await threeMembers();
    const { machine } = fleet.node("node-2");
    const before = await memberId("node-1", "etcd-10.0.0.2");
    const spec = cluster.spec("node-2", "etcd");
    const container = machine.find("etcd");
    if (container !== undefined) machine.remove(container);

    const words = (spec.Cmd as readonly string[]).map((word) => word.replace("state=new", "state=existing"));
    machine.create({ name: "etcd", spec: { ...spec, Cmd: words } }).start();

    expect((await call("node-2", "/v3/maintenance/status")).body.header.member_id).toBe(before);
  });

  it("does not start with wiped data while the others remember it", async () => {
    const { fleet, log } = await threeMembers();
    const { machine } = fleet.node("node-3");
    machine.find("etcd")?.stop();
    machine.disk.remove(dataFile("/var/lib/etcd"));

    machine.find("etcd")?.start();

    expect(log("node-3").at(-1)).toContain("has already been bootstrapped");
  });

  it("starts a new, empty cluster when all data is gone", async () => {
    const { fleet, call } = await threeMembers();
    await call("node-1", "/v3/kv/put", { key: "YQ==", value: "Yg==" });
    const machines = ["node-1", "node-2", "node-3"].map((name) => fleet.node(name).machine);
    for (const machine of machines) machine.find("etcd")?.stop();
    for (const machine of machines) machine.disk.remove(dataFile("/var/lib/etcd"));

    for (const machine of machines) machine.find("etcd")?.start();

    expect(await call("node-1", "/v3/kv/range", { key: "YQ==" })).toEqual({
      status: 200,
      body: { header: expect.anything() },
    });
  });

  it.each([
    ["the member was not added", () => undefined, "member count is unequal"],
    [
      "the name is not in --initial-cluster",
      (cmd: readonly string[]) => cmd.map((word) => word.replace("--name=etcd-10.0.0.4", "--name=other")),
      `couldn't find local name \\"other\\" in the initial cluster configuration`,
    ],
    [
      "no peer answers",
      (cmd: readonly string[]) =>
        cmd.map((word) =>
          word.startsWith("--initial-cluster=") ? word.replace(/10\.0\.0\.[123]:/g, "10.9.9.9:") : word,
        ),
      "could not retrieve cluster information from the given URLs",
    ],
    [
      "a flag is unknown",
      (cmd: readonly string[]) => [...cmd, "--no-such-flag=1"],
      "flag provided but not defined: -no-such-flag",
    ],
    [
      "a certificate is missing",
      (cmd: readonly string[]) => cmd.map((word) => word.replace("kube-ca.pem", "gone.pem")),
      "open /etc/kubernetes/ssl/gone.pem: no such file or directory",
    ],
  ])("does not start when %s, and says so in its last words", async (_case, change, words) => {
    const etcd = await threeMembers();

    startFourth(etcd, (cmd) => change(cmd) ?? cmd);
    const container = etcd.fleet.node("node-4").machine.find("etcd");
    await container?.until(() => !container.isRunning);

    expect(etcd.log("node-4").at(-1)).toContain(words);
    expect(container?.exitCode).toBeGreaterThan(0);
  });

  it("does not talk to a peer whose certificate is of another CA", async () => {
    const { fleet, call } = await threeMembers();
    const { machine } = fleet.node("node-3");
    const other = testAuthority("kube-ca");
    const pair = other.issue({ commonName: "kube-etcd", names: ["10.0.0.3"] });
    machine.find("etcd")?.stop();
    machine.disk.write("/etc/kubernetes/ssl/kube-etcd-10-0-0-3.pem", pair.cert);
    machine.disk.write("/etc/kubernetes/ssl/kube-etcd-10-0-0-3-key.pem", pair.key);
    machine.find("etcd")?.start();

    fleet.node("node-2").machine.find("etcd")?.stop();

    expect((await call("node-1", "/health")).status).toBe(503);
  });

  it("believes no certificate from tomorrow", async () => {
    const { fleet, call } = await threeMembers();
    fleet.node("node-1").machine.clockOffsetMs = Date.parse("2150-01-01") - Date.now();

    expect((await call("node-1", "/health")).status).toBe(503);
    expect((await call("node-2", "/health")).status).toBe(200);
  });

  it("keeps keys, orders them by revision and counts them", async () => {
    const { call } = await threeMembers();
    const key = (text: string) => Buffer.from(text).toString("base64");

    await call("node-1", "/v3/kv/put", { key: key("/a"), value: key("1") });
    await call("node-2", "/v3/kv/put", { key: key("/b"), value: key("2") });
    const { body } = await call("node-3", "/v3/kv/range", { key: key("/"), range_end: key("0") });

    expect(body.count).toBe("2");
    expect(body.kvs.map((kv: { value: string }) => Buffer.from(kv.value, "base64").toString())).toEqual(["1", "2"]);
  });

  it("goes on alone when it is forced to, with its data", async () => {
    const { fleet, cluster, call } = await threeMembers();
    await call("node-1", "/v3/kv/put", { key: "YQ==", value: "Yg==" });
    for (const node of ["node-2", "node-3"]) fleet.powerOff(node);
    const { machine } = fleet.node("node-1");
    const spec = cluster.spec("node-1", "etcd");
    const old = machine.find("etcd");
    if (old !== undefined) machine.remove(old);

    machine
      .create({ name: "etcd", spec: { ...spec, Cmd: [...(spec.Cmd as string[]), "--force-new-cluster"] } })
      .start();

    expect((await call("node-1", "/v3/cluster/member/list")).body.members).toHaveLength(1);
    expect((await call("node-1", "/v3/kv/range", { key: "YQ==" })).body.count).toBe("1");
  });

  it("has a port that other programs find it by", async () => {
    const { fleet } = await threeMembers();

    const dialled = fleet.network.dial(fleet.node("node-1").machine, "10.0.0.2", 2380);

    expect(typeof dialled === "string" ? dialled : dialled.service?.()).toBeInstanceOf(EtcdMember);
  });
});
