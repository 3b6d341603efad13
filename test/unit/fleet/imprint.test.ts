import { describe, expect, it, onTestFinished } from "vitest";

import type { Fleet } from "../../fleet/fleet.ts";
import { aFleetLike, imprintOf } from "../../fleet/imprint.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { testFleet } from "./clients.ts";

const authority = testAuthority();

async function aFleetWithCluster(): Promise<Fleet> {
  const fleet = await testFleet({ nodes: 3 });
  await rkeCluster(fleet, "three-all-in-one", { authority });
  return fleet;
}

async function copyOf(fleet: Fleet): Promise<Fleet> {
  const copy = await aFleetLike(imprintOf(fleet));
  onTestFinished(() => copy.close());
  return copy;
}

async function twins(): Promise<{ readonly one: Fleet; readonly other: Fleet }> {
  const one = await aFleetWithCluster();
  return { one, other: await copyOf(one) };
}

const runningOn = ({ nodes }: Fleet): readonly string[] =>
  nodes.flatMap(({ machine }) =>
    [...machine.containers.values()].map(({ name, status }) => `${machine.name}: ${name} ${status}`),
  );

const objectsOf = ({ world }: Fleet): readonly string[] =>
  [...world.etcdClusters.values()].flatMap(({ store }) => [...store.keys()]).sort();

describe("aFleetLike()", () => {
  it("runs the same containers and holds the same objects", async () => {
    const { one, other } = await twins();

    expect(runningOn(other)).toEqual(runningOn(one));
    expect(objectsOf(other)).toEqual(objectsOf(one));
  });

  it("has API servers that serve and an etcd with all its members", async () => {
    const { other } = await twins();

    const [cluster] = other.world.etcdClusters.values();

    expect(cluster?.running.size).toBe(3);
    expect(other.nodes.every(({ machine }) => machine.listeners.get(6443)?.owner === "kube-apiserver")).toBe(true);
  });

  it("begins with an empty journal, and is watched for a second CA all the same", async () => {
    const { other } = await twins();
    const before = other.journal.events.length;

    other.node("node-1").machine.disk.write("/etc/kubernetes/ssl/kube-ca.pem", testAuthority().cert);

    expect(before).toBe(0);
    expect(() => other.invariants.assertHeld()).toThrow("a second kube-ca appeared");
  });

  it("has containers that have ended, as they ended, and what lies in one that never ran", async () => {
    const one = await aFleetWithCluster();
    const { machine } = one.node("node-1");
    machine.create({ name: "a-lock", spec: { Image: "busybox" } }).layer.write("/journal", "a deed");
    machine.find("kube-proxy")?.stop({ code: 137 });

    const other = await copyOf(one);

    const { machine: copy } = other.node("node-1");
    expect(copy.find("kube-proxy")).toMatchObject({ status: "exited", exitCode: 137 });
    expect(copy.find("a-lock")?.layer.read("/journal")?.toString()).toBe("a deed");
  });

  it("is watched as if it had always been there: who was down before is missed", async () => {
    const one = await aFleetWithCluster();
    one.node("node-1").machine.find("kube-apiserver")?.stop();

    const other = await copyOf(one);
    other.node("node-2").machine.find("kube-apiserver")?.stop();

    expect(() => other.invariants.assertHeld()).toThrow("the API servers of node-2, node-1 are down at once");
  });

  it("goes its own way from then on", async () => {
    const { one, other } = await twins();

    other.node("node-1").machine.disk.write("/etc/motd", "hello");
    const [cluster] = other.world.etcdClusters.values();
    cluster?.put("/registry/configmaps/default/new", {});

    expect(one.node("node-1").machine.disk.read("/etc/motd")).toBeUndefined();
    expect(objectsOf(one)).not.toContain("/registry/configmaps/default/new");
  });
});
