import { afterEach, beforeAll, describe, expect, it } from "vitest";

import type { Fleet } from "../fleet/fleet.ts";
import type { Cluster } from "./cluster.ts";
import { nodeWith, type Roles } from "./operation-on.ts";
import { enter, type Stage, staged } from "./scenarios.ts";
import { refusalOf, unplug } from "./unlucky.ts";

const servers: Roles = ["etcd", "controlplane"];
const worker: Roles = ["worker"];
const six = [1, 2, 3]
  .map((index) => nodeWith(index, servers))
  .concat([4, 5, 6].map((index) => nodeWith(index, worker)));
const argument = { services: { kubelet: { extraArgs: { "max-pods": "200" } } } };

let nothing: Stage;
let cluster6: Stage;
let fleet: Fleet;
let cluster: Cluster;
beforeAll(async () => {
  [nothing, cluster6] = await Promise.all([staged({ machines: 3 }), staged({ machines: 6, before: { nodes: six } })]);
});
afterEach(async () => fleet.close());

async function on(stage: Stage, after: object): Promise<void> {
  ({ fleet, cluster } = await enter(stage, { after }));
}

describe("bringUp() with a machine that does not answer", () => {
  it("changes the other workers, leaves the dead one alone, and names it in the end", async () => {
    await on(cluster6, { nodes: six, upgradeStrategy: { maxUnavailableWorker: "2" }, ...argument });
    fleet.invariants.maxUnavailableWorkers = 2;
    unplug(fleet, "node-6");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot do anything on node-6 (10.0.0.6): port PORT closed the connection before the SSH handshake was done
        All else is as it should be. Bring the node back or take it out of the cluster, then run it again"
    `);
    expect(fleet.journal.lines({ kind: "container removed" })).toContain("node-5: container removed old-kubelet");
    expect(fleet.journal.lines({ kind: "node deleted" })).toEqual([]);
    fleet.invariants.assertHeld();
  });

  it("changes nothing because of it, and says so each time", async () => {
    await on(cluster6, { nodes: six });
    unplug(fleet, "node-6");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot do anything on node-6 (10.0.0.6): port PORT closed the connection before the SSH handshake was done
        All else is as it should be. Bring the node back or take it out of the cluster, then run it again"
    `);
    expect(fleet.journal.events.filter(({ by }) => by === "client")).toEqual([]);
  });

  it("refuses to take more workers away than may be missing with it", async () => {
    await on(cluster6, { nodes: six, upgradeStrategy: { maxUnavailableWorker: "1" }, ...argument });
    unplug(fleet, "node-6");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot change the worker nodes: 1 of 3 are missing already (node-6 (10.0.0.6) cannot be reached), and maxUnavailable is 1, which allows 1
        Bring the nodes back or take them out of the cluster, then try again; or allow more to be unavailable"
    `);
  });

  it("adds a worker while a server is away, and keeps its member of etcd", async () => {
    await on(cluster6, { nodes: six.slice(0, 5) });
    await cluster.up();
    cluster.want({ nodes: six });
    unplug(fleet, "node-3");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot do anything on node-3 (10.0.0.3): port PORT closed the connection before the SSH handshake was done
        All else is as it should be. Bring the node back or take it out of the cluster, then run it again"
    `);
    expect(fleet.journal.lines({ kind: "node registered" })).toEqual(["node-6: node registered node-6"]);
    expect(fleet.journal.lines({ kind: "member removed" })).toEqual([]);
  });

  it("does not restart etcd when one more member less would be too few", async () => {
    await on(cluster6, { nodes: six, services: { etcd: { extraArgs: { "heartbeat-interval": "400" } } } });
    unplug(fleet, "node-3");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot restart etcd on node-2 (10.0.0.2): 1 of 3 members are healthy in the meantime and quorum is 2
        Repair the unhealthy members first, or restore the cluster from a snapshot"
    `);
    fleet.invariants.assertHeld();
  });

  it("names all of them", async () => {
    await on(cluster6, { nodes: six });
    unplug(fleet, "node-5");
    unplug(fleet, "node-6");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot do anything on 2 nodes: they do not answer
        node-5 (10.0.0.5): port PORT closed the connection before the SSH handshake was done
        node-6 (10.0.0.6): port PORT closed the connection before the SSH handshake was done
        All else is as it should be. Bring the nodes back or take them out of the cluster, then run it again"
    `);
  });

  it("says what stands in the way of logging in", async () => {
    await on(cluster6, { nodes: six });
    fleet.node("node-6").ssh.faults.refuseAuthentication = true;

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot do anything on node-6 (10.0.0.6): user "rke" was refused with the key ssh-ed25519 SHA256:FINGERPRINT (the server takes publickey)
        All else is as it should be. Bring the node back or take it out of the cluster, then run it again"
    `);
  });

  it("ends when a machine falls silent in the middle, and goes on once it is back", async () => {
    await on(cluster6, { nodes: six, ...argument });
    const unwatch = fleet.journal.onEvent(({ kind, what, node }) => {
      if (kind !== "container stopped" || what !== "old-kubelet" || node !== "node-5") return;
      unwatch();
      unplug(fleet, "node-5");
    });

    const refusal = await refusalOf(cluster);
    fleet.powerOn("node-5");
    await cluster.up();

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot stop the container old-kubelet on node-5 (127.0.0.1): the connection to Docker broke: "socket hang up"
        Check whether Docker was restarted on the machine; the next run goes on from here"
    `);
    fleet.invariants.assertHeld();
  });
});

describe("bringUp() with a registry that", () => {
  const three = { nodes: six.slice(0, 3) };

  it.each(["not found", "denied", "rate limited"] as const)("answers: %s", async (failure) => {
    await on(nothing, three);
    fleet.faults.failPulls(failure, { node: "node-2", what: /hyperkube/ });

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchSnapshot();
    expect(fleet.journal.lines({ kind: "container started" })).toEqual([]);
  });

  it("has one bad moment is asked again", async () => {
    await on(nothing, three);
    fleet.faults.failPulls("server error", { node: "node-2", what: /hyperkube/, times: 1 });

    await cluster.up();

    const [retried] = cluster.events.filter(({ kind }) => kind === "retrying");
    expect(retried).toMatchInlineSnapshot(`
      {
        "attempt": 2,
        "because": ""Get "https://docker.io/v2/": net/http: TLS handshake timeout"",
        "kind": "retrying",
        "node": "10.0.0.2",
        "what": "pull rancher/hyperkube:v1.31.4-rancher1",
      }
    `);
  });

  it("sends more than the disk can hold", async () => {
    await on(nothing, three);
    fleet.node("node-2").machine.disk.full = true;

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot begin: the machines are not fit
        node-2 (10.0.0.2): /var/lib/docker has 0.0 GiB free, and the images want 5.0 GiB [disk-space]
          Free space or enlarge the disk; docker system df shows what Docker uses
        node-2 (10.0.0.2): /var/lib/etcd has 0.0 GiB free, and etcd wants 4.0 GiB [disk-space]
          Free space or enlarge the disk; docker system df shows what Docker uses
        Mend what is named, or waive a check by the name in brackets"
    `);
  });
});

describe("bringUp() with a component that", () => {
  const three = { nodes: six.slice(0, 3) };

  it("ends as soon as it has started: its last words are in the error", async () => {
    await on(nothing, { ...three, services: { kubelet: { extraArgs: { "network-plugin": "cni" } } } });
    let laterMs = 0;
    fleet.journal.onEvent(({ kind, what, node }) => {
      // Nobody waits two minutes here: the clock of the run goes forward instead.
      if (node === "node-2" && kind === "container exited" && what.startsWith("kubelet")) laterMs += 60_000;
    });

    const refusal = await refusalOf(cluster, { clock: () => new Date(Date.now() + laterMs) });

    expect(refusal).toMatchInlineSnapshot(`
      "3 failures:
        Cannot finish waiting for kubelet to be healthy on node-1 (10.0.0.1): after 120 s the last answer was: nothing answers there ("Connection refused"); kubelet restarts again and again: it exited with code 1, and its last words are "Error: unknown flag: --network-plugin"
        Cannot finish waiting for kubelet to be healthy on node-2 (10.0.0.2): after 120 s the last answer was: nothing answers there ("Connection refused"); kubelet restarts again and again: it exited with code 1, and its last words are "Error: unknown flag: --network-plugin"
        Cannot finish waiting for kubelet to be healthy on node-3 (10.0.0.3): after 120 s the last answer was: nothing answers there ("Connection refused"); kubelet restarts again and again: it exited with code 1, and its last words are "Error: unknown flag: --network-plugin""
    `);
  });

  it("takes its time is waited for", async () => {
    await on(nothing, three);
    fleet.faults.slowStart("kube-apiserver", 1500);

    const { facts } = await cluster.up();

    expect(facts.kube?.nodes.map(({ isReady }) => isReady)).toEqual([true, true, true]);
    fleet.invariants.assertHeld();
  });
});

describe("bringUp() on machines that are not fit", () => {
  it("says everything at once, and touches nothing", async () => {
    await on(nothing, { nodes: six.slice(0, 3) });
    fleet.node("node-1").machine.clockOffsetMs = 600_000;
    fleet.node("node-2").machine.listen(6443, { owner: "haproxy", accept: (socket) => socket.destroy() });
    fleet.node("node-3").machine.disk.write("/etc/kubernetes/ssl/kube-ca.pem", "somebody else's");

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot begin: the machines are not fit
        node-1 (10.0.0.1): its clock is 10 min ahead of the other machines [clock-skew]
          Run chrony or systemd-timesyncd on every machine: timedatectl set-ntp true
        node-2 (10.0.0.2): port 6443, where kube-apiserver will listen, is taken by haproxy [port-taken]
          Stop what listens there
        node-3 (10.0.0.3): it is new here, and there is something in /etc/kubernetes, of another cluster [foreign-leftovers]
          Look whether anybody still needs it, and remove it; or use a fresh machine
        Mend what is named, or waive a check by the name in brackets"
    `);
    expect(fleet.journal.lines({ kind: "container created" })).toEqual([]);
  });
});

describe("bringUp() with an engine that lies", () => {
  it("does not believe in an empty machine whose ports are taken", async () => {
    await on(cluster6, { nodes: six });
    const isList = /^GET \/containers\/json/;
    fleet.faults.lie({ node: "node-4", what: isList, times: 1 }, () => []);

    const refusal = await refusalOf(cluster);

    expect(refusal).toMatchInlineSnapshot(`
      "Cannot begin: the machines are not fit
        node-4 (10.0.0.4): port 6443, where nginx-proxy will listen, is taken by nginx-proxy [port-taken]
          Stop what listens there
        node-4 (10.0.0.4): port PORT, where kubelet will listen, is taken by kubelet [port-taken]
          Stop what listens there
        node-4 (10.0.0.4): port PORT, where kubelet will listen, is taken by kubelet [port-taken]
          Stop what listens there
        node-4 (10.0.0.4): port PORT, where kube-proxy will listen, is taken by kube-proxy [port-taken]
          Stop what listens there
        Mend what is named, or waive a check by the name in brackets"
    `);
    expect(fleet.journal.events.filter(({ by }) => by === "client")).toEqual([]);
  });

  it("stops at a container that is said to be gone and is not, and goes on the next time", async () => {
    await on(cluster6, { nodes: six, ...argument });
    // Not in the second in which its files were written, after which it would be asked for before the run begins as well.
    const kubelet = fleet.node("node-4").machine.find("kubelet");
    if (kubelet !== undefined) kubelet.createdAt += 1000;
    fleet.faults.refuse(404, "No such container: kubelet", {
      node: "node-4",
      what: /^GET \/containers\/kubelet\/json/,
      times: 1,
    });

    const refusal = await refusalOf(cluster);
    await cluster.up();

    expect(refusal).toMatchInlineSnapshot(
      `"Cannot create the container kubelet on node-4 (127.0.0.1): Docker answered 409: "Conflict. The container name "/kubelet" is already in use by container "ID". You have to remove (or rename) that container to be able to reuse that name.""`,
    );
    fleet.invariants.assertHeld();
  });
});
