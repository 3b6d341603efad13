import { describe, expect, it, onTestFinished } from "vitest";

import type { Fleet } from "../../fleet/fleet.ts";
import { aFleetLike, imprintOf } from "../../fleet/imprint.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { testFleet } from "./clients.ts";

const authority = testAuthority();

async function twins(): Promise<{ readonly one: Fleet; readonly other: Fleet }> {
  const one = await testFleet({ nodes: 3 });
  await rkeCluster(one, "three-all-in-one", { authority });
  const other = await aFleetLike(imprintOf(one));
  onTestFinished(() => other.close());
  return { one, other };
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

  it("goes its own way from then on", async () => {
    const { one, other } = await twins();

    other.node("node-1").machine.disk.write("/etc/motd", "hello");
    const [cluster] = other.world.etcdClusters.values();
    cluster?.put("/registry/configmaps/default/new", {});

    expect(one.node("node-1").machine.disk.read("/etc/motd")).toBeUndefined();
    expect(objectsOf(one)).not.toContain("/registry/configmaps/default/new");
  });
});
