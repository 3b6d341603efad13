import { describe, expect, it } from "vitest";

import type { NodeContainer } from "../../../provider/desired/node-plan.ts";
import { addEtcdLearner } from "../../../provider/steps/add-etcd-learner.ts";
import { handOverEtcd } from "../../../provider/steps/hand-over-etcd.ts";
import { promoteEtcdMember } from "../../../provider/steps/promote-etcd-member.ts";
import { removeEtcdMember } from "../../../provider/steps/remove-etcd-member.ts";
import { waitForEtcd } from "../../../provider/steps/wait-for-etcd.ts";
import { EtcdMember } from "../../fleet/etcd-member.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { aCluster, type Members } from "./on-machines.ts";

const ADDRESSES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
const PEER_URL = "https://10.0.0.4:2380";

const anEtcd = (): Promise<Members> => aCluster({ only: ["etcd"] });

const learner = { node: "10.0.0.4", name: "etcd-node-4", peerUrl: PEER_URL, via: ADDRESSES };

/** Starts etcd on node-4 as a member that joins. */
function join({ fleet, spec, issue }: Members): EtcdMember {
  const { machine } = fleet.node("node-4");
  const source = fleet.node("node-1").machine;
  for (const path of source.disk.list("/etc/kubernetes/ssl")) machine.disk.write(path, source.disk.read(path) ?? "");
  const pair = issue({ commonName: "kube-etcd", names: ["10.0.0.4", "127.0.0.1"] });
  machine.disk.write("/etc/kubernetes/ssl/kube-etcd-10-0-0-4.pem", pair.cert);
  machine.disk.write("/etc/kubernetes/ssl/kube-etcd-10-0-0-4-key.pem", pair.key);
  const initial = [1, 2, 3, 4].map((n) => `etcd-10.0.0.${n}=https://10.0.0.${n}:2380`).join(",");
  const original = spec("node-1", "etcd");
  const cmd = (original.Cmd as NodeContainer["spec"]["cmd"] & readonly string[]).map((word) => {
    if (word.startsWith("--initial-cluster=")) return `--initial-cluster=${initial}`;
    if (word.startsWith("--initial-cluster-state=")) return "--initial-cluster-state=existing";
    return word.replaceAll("10.0.0.1", "10.0.0.4").replaceAll("10-0-0-1", "10-0-0-4");
  });
  machine.images.set(original.Image, { id: "", reference: original.Image, sizeBytes: 0, pulledAt: 0 });
  machine.create({ name: "etcd", spec: { ...original, Cmd: cmd } }).start();
  return memberOn(fleet, "node-4");
}

function memberOn(fleet: Fleet, node: string): EtcdMember {
  const member = fleet.node(node).machine.listeners.get(2379)?.service?.();
  if (!(member instanceof EtcdMember)) throw new Error(`No member runs on ${node}`);
  return member;
}

const idOn = (fleet: Fleet, node: string): string => String(memberOn(fleet, node).id);

describe("addEtcdLearner()", () => {
  it("adds a member without a vote", async () => {
    const { fleet, context } = await anEtcd();

    const outcome = await addEtcdLearner(learner).run(context);

    expect(outcome).toBe("changed");
    expect(fleet.journal.lines({ kind: "member added" })).toEqual([`node-1: member added ${PEER_URL} (learner)`]);
  });

  it("has nothing to do when there is a member with that address", async () => {
    const { context } = await anEtcd();
    await addEtcdLearner(learner).run(context);

    expect(await addEtcdLearner(learner).run(context)).toBe("unchanged");
  });

  it("asks another member when the first does not answer", async () => {
    const { fleet, context } = await anEtcd();
    fleet.faults.drop({ node: "node-1", layer: "etcd" });

    const outcome = await addEtcdLearner(learner).run(context);

    expect(outcome).toBe("changed");
  });

  it("adds no second one when the answer is lost", async () => {
    const { fleet, context } = await anEtcd();
    fleet.faults.lie({ layer: "etcd", what: /member\/add/, times: 1 }, () => {
      throw new Error("lost");
    });

    await addEtcdLearner(learner).run({ ...context, sleep: async () => undefined });

    expect(fleet.journal.lines({ kind: "member added" })).toHaveLength(1);
  });

  it("fails when nobody can be asked", async () => {
    const { context } = await anEtcd();

    await expect(addEtcdLearner({ ...learner, via: [] }).run(context)).rejects.toThrow(
      "Cannot add etcd-node-4 to etcd: there is no member that could be asked",
    );
  });
});

describe("promoteEtcdMember()", () => {
  const promote = { node: "10.0.0.4", peerUrl: PEER_URL, via: ADDRESSES };

  it("gives a learner that is in sync its vote", async () => {
    const cluster = await anEtcd();
    await addEtcdLearner(learner).run(cluster.context);
    join(cluster);

    const outcome = await promoteEtcdMember(promote).run(cluster.context);

    expect(outcome).toBe("changed");
    expect(cluster.fleet.journal.lines({ kind: "member promoted" })).toHaveLength(1);
  });

  it("has nothing to do when it has a vote", async () => {
    const cluster = await anEtcd();
    await addEtcdLearner(learner).run(cluster.context);
    join(cluster);
    await promoteEtcdMember(promote).run(cluster.context);

    expect(await promoteEtcdMember(promote).run(cluster.context)).toBe("unchanged");
  });

  it("does not promote a learner that lags", async () => {
    const cluster = await anEtcd();
    await addEtcdLearner(learner).run(cluster.context);
    join(cluster).isStuck = true;

    const promoting = promoteEtcdMember({ ...promote, limitMs: 100 }).run(cluster.context);

    await expect(promoting).rejects.toMatchObject({ code: "timeout" });
    expect(cluster.fleet.journal.lines({ kind: "member promoted" })).toEqual([]);
  });

  it("waits for a learner that has not joined yet, and says so", async () => {
    const { context } = await anEtcd();
    await addEtcdLearner(learner).run(context);

    const promoting = promoteEtcdMember({ ...promote, limitMs: 100 }).run(context);

    await expect(promoting).rejects.toThrow(/it has not joined yet.*there is no container etcd/s);
  });

  it("fails at once when there is no such member", async () => {
    const { context } = await anEtcd();

    await expect(promoteEtcdMember(promote).run(context)).rejects.toThrow(`no member with the peer URL ${PEER_URL}`);
  });
});

describe("removeEtcdMember()", () => {
  const remove = { node: "10.0.0.3", name: "etcd-node-3", via: ["10.0.0.1", "10.0.0.2"] };

  it("takes a member out", async () => {
    const { fleet, context } = await anEtcd();
    const memberId = idOn(fleet, "node-3");

    const outcome = await removeEtcdMember({ ...remove, memberId }).run(context);

    expect(outcome).toBe("changed");
    expect(fleet.journal.lines({ kind: "member removed" })).toHaveLength(1);
  });

  it("has nothing to do when the member is gone", async () => {
    const { fleet, context } = await anEtcd();
    const memberId = idOn(fleet, "node-3");
    await removeEtcdMember({ ...remove, memberId }).run(context);

    expect(await removeEtcdMember({ ...remove, memberId }).run(context)).toBe("unchanged");
  });

  it("takes a member out whose machine is gone", async () => {
    const { fleet, context } = await anEtcd();
    const memberId = idOn(fleet, "node-3");
    fleet.powerOff("node-3");

    expect(await removeEtcdMember({ ...remove, memberId }).run(context)).toBe("changed");
  });

  it("refuses with numbers when those that stay would be below quorum", async () => {
    const { fleet, context } = await anEtcd();
    const memberId = idOn(fleet, "node-3");
    fleet.node("node-2").machine.find("etcd")?.stop();

    const removing = removeEtcdMember({ ...remove, memberId }).run(context);

    await expect(removing).rejects.toMatchObject({
      code: "unsafe",
      detail: { because: "1 of the 2 members that would stay are healthy, and quorum is 2" },
    });
    expect(fleet.journal.lines({ kind: "member removed" })).toEqual([]);
  });

  it("takes a learner out whatever the others are like, since it has no vote", async () => {
    const { fleet, context } = await anEtcd();
    await addEtcdLearner(learner).run(context);
    const { members } = memberOn(fleet, "node-1").cluster;
    const memberId = String([...members.values()].find(({ isLearner }) => isLearner)?.id);
    fleet.node("node-3").machine.find("etcd")?.stop();

    const outcome = await removeEtcdMember({ ...learner, memberId }).run(context);

    expect(outcome).toBe("changed");
  });
});

describe("waitForEtcd()", () => {
  it("returns as soon as the member is healthy", async () => {
    const { context } = await anEtcd();

    expect(await waitForEtcd({ node: "10.0.0.1", inSync: true, via: ADDRESSES }).run(context)).toBe("unchanged");
  });

  it("says what is the matter when the member has no leader", async () => {
    const { fleet, context } = await anEtcd();
    for (const node of ["node-2", "node-3"]) fleet.node(node).machine.find("etcd")?.stop();

    const waiting = waitForEtcd({ node: "10.0.0.1", limitMs: 100 }).run(context);

    await expect(waiting).rejects.toThrow(/Cannot finish waiting for etcd to be healthy on .*no leader/s);
  });

  it("quotes the last words of a member that does not run", async () => {
    const { fleet, context } = await anEtcd();
    const etcd = fleet.node("node-1").machine.find("etcd");
    etcd?.log("panic: disk on fire");
    etcd?.stop({ code: 2 });

    const waiting = waitForEtcd({ node: "10.0.0.1", limitMs: 100 }).run(context);

    await expect(waiting).rejects.toThrow('etcd exited with code 2, and its last words are "panic: disk on fire"');
  });

  it("waits for a member that is behind the others", async () => {
    const { fleet, context } = await anEtcd();
    const member = memberOn(fleet, "node-2");
    for (let n = 0; n < 2000; n++) member.cluster.put(`/key-${n}`, "");
    member.isStuck = true;

    const waiting = waitForEtcd({ node: "10.0.0.2", inSync: true, via: ADDRESSES, limitMs: 100 }).run(context);

    await expect(waiting).rejects.toThrow(/the last answer was "\d+ entries behind"/);
  });
});

describe("handOverEtcd()", () => {
  const leads = ({ fleet }: Members) =>
    ["node-1", "node-2", "node-3"].filter((node) => {
      const member = memberOn(fleet, node);
      return member.cluster.leaderOf(member) === member;
    });
  const away = { node: "10.0.0.1", via: ["10.0.0.2", "10.0.0.3"] };

  it("lets another member lead, and only once", async () => {
    const members = await anEtcd();
    expect(leads(members)).toEqual(["node-1"]);

    expect(await handOverEtcd(away).run(members.context)).toBe("changed");

    expect(leads(members)).toEqual(["node-2"]);
    expect(await handOverEtcd(away).run(members.context)).toBe("unchanged");
  });

  it("passes over a member that does not answer", async () => {
    const members = await anEtcd();
    members.fleet.faults.drop({ node: "node-2", layer: "etcd" });

    expect(await handOverEtcd(away).run(members.context)).toBe("changed");

    expect(leads(members)).toEqual(["node-3"]);
  });

  it("is no reason to stop when it is refused, and says so", async () => {
    const members = await anEtcd();
    members.fleet.faults.refuse(503, "too many requests", { what: /transfer-leadership/ });
    const said: string[] = [];
    const emit = (event: { readonly kind: string; readonly text?: string }) => void said.push(event.text ?? "");

    expect(await handOverEtcd(away).run({ ...members.context, emit })).toBe("unchanged");

    expect(leads(members)).toEqual(["node-1"]);
    expect(said.join()).toContain("etcd goes on to be led by node-1");
  });
});
