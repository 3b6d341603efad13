import { describe, expect, it } from "vitest";

import { clusterFacts } from "../../../provider/observed/facts.ts";
import type { RunEvent } from "../../../provider/progress.ts";
import { rkeCluster } from "../../fleet/rke-cluster.ts";
import { testAuthority } from "../../fleet/test-certificates.ts";
import { testFleet } from "../fleet/clients.ts";
import { bundleOf, hostsOf, lookAtFleet, nodesOf, reachedNode } from "./look-at-fleet.ts";

const authority = testAuthority();

describe("look()", () => {
  it("sees machines that are empty", async () => {
    const fleet = await testFleet({ nodes: [{ name: "a", hostname: "alpha", machineId: "42" }] });

    const facts = await lookAtFleet(fleet);

    expect(facts).not.toHaveProperty("etcd");
    expect(facts).not.toHaveProperty("kube");
    expect(reachedNode(facts, "10.0.0.1")).toMatchObject({
      machine: {
        hostname: "alpha",
        machineId: "42",
        os: "Debian GNU/Linux 12 (bookworm)",
        cgroupVersion: "2",
        disks: { "/": { totalBytes: expect.any(Number) }, "/var/lib/docker": {}, "/var/lib/etcd": {} },
        kernelFacts: { br_netfilter: "loaded" },
        addresses: ["10.0.0.1/24", "172.17.0.1/16"],
        listening: [{ port: 22, program: "" }],
        leftovers: [],
        docker: { serverVersion: "28.1.1", apiVersion: "1.49", rootDir: "/var/lib/docker", storageDriver: "overlay2" },
      },
      containers: [],
      files: [],
      images: [],
    });
  });

  it("sees all of a cluster, in the form that the state keeps", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const certificates = bundleOf(await rkeCluster(fleet, "three-all-in-one", { authority }));

    const facts = await lookAtFleet(fleet, { certificates });

    expect(clusterFacts.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
    expect(Object.keys(facts.nodes)).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    expect(facts.etcd?.members).toHaveLength(3);
    expect(facts.kube?.nodes).toHaveLength(3);
    expect(reachedNode(facts, "10.0.0.1").machine.leftovers).toEqual(["/etc/kubernetes", "/var/lib/etcd"]);
  });

  it("changes nothing", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const certificates = bundleOf(await rkeCluster(fleet, "three-all-in-one", { authority }));
    const before = fleet.journal.lines();

    await lookAtFleet(fleet, { certificates });

    expect(fleet.journal.lines()).toEqual(before);
    expect(fleet.trips.all.filter(({ what, layer }) => layer === "docker" && !what.startsWith("GET "))).toEqual([]);
  });

  it("keeps no key that it has seen", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const cluster = await rkeCluster(fleet, "three-all-in-one", { authority });

    const text = JSON.stringify(await lookAtFleet(fleet, { certificates: bundleOf(cluster) }));

    expect(text).toContain("kube-ca-key.pem");
    expect(text).not.toContain("PRIVATE KEY");
    expect(text).not.toContain(authority.key.split("\n")[3]);
  });

  it.each([
    ["that is off", "power", { code: "ssh", because: /^port \d+ is open, but no SSH server greeted within 0.5 s$/ }],
    ["whose Docker is sick", "docker", { code: "docker", because: /^Docker answered 500: "layer does not exist"$/ }],
  ])("takes a machine %s for unreachable, and says why", async (_case, trouble, { code, because }) => {
    const fleet = await testFleet({ nodes: 2 });
    const events: RunEvent[] = [];
    if (trouble === "power") fleet.powerOff("node-2");
    else fleet.faults.refuse(500, "layer does not exist", { node: "node-2", layer: "docker" });

    const facts = await lookAtFleet(fleet, { emit: (event) => events.push(event) });

    expect(reachedNode(facts, "10.0.0.1").status).toBe("reached");
    expect(facts.nodes["10.0.0.2"]).toEqual({ status: "unreachable", code, because: expect.stringMatching(because) });
    expect(events).toEqual([
      { kind: "notice", text: expect.stringMatching(/^node-2 \(127\.0\.0\.1\) does not answer: ./) },
    ]);
  });

  it("waits only once for a machine that is off, whatever it was to be asked", async () => {
    const fleet = await testFleet({ nodes: 3 });
    const certificates = bundleOf(await rkeCluster(fleet, "three-all-in-one", { authority }));
    fleet.powerOff("node-3");
    const { counts } = fleet.node("node-3").ssh;
    const before = counts.connections;

    const facts = await lookAtFleet(fleet, { certificates });

    expect(counts.connections - before).toBe(1);
    expect(facts.etcd?.members.map(({ node, isHealthy }) => [node, isHealthy]).sort()).toEqual([
      ["10.0.0.1", true],
      ["10.0.0.2", true],
      ["10.0.0.3", false],
    ]);
    expect(facts.kube?.nodes).toHaveLength(3);
  });

  it("gives a machine that never ends its answer no more than its time", async () => {
    const fleet = await testFleet({ nodes: 1 });
    fleet.faults.delay(60_000, { what: /info/ });

    const facts = await lookAtFleet(fleet, { nodeLimitMs: 300 });

    expect(facts.nodes["10.0.0.1"]).toEqual({
      status: "unreachable",
      code: "timeout",
      because: "it has not said all within 0.3 s",
    });
  });

  it("asks once more when a connection breaks in the middle", async () => {
    const fleet = await testFleet({ nodes: 1 });
    fleet.faults.drop({ what: /containers\/json/, times: 1 });

    const facts = await lookAtFleet(fleet);

    expect(reachedNode(facts, "10.0.0.1").containers).toEqual([]);
  });

  it("fails when it is told to stop", async () => {
    const fleet = await testFleet({ nodes: 1 });
    const stop = new AbortController();
    fleet.faults.delay(60_000, { what: /info/ });

    const looking = lookAtFleet(fleet, { signal: stop.signal });
    stop.abort(new Error("enough"));

    await expect(looking).rejects.toThrow("enough");
  });

  it.each([-90_000, 0, 3_600_000])("measures a clock that is %i ms ahead", async (clockOffsetMs) => {
    const fleet = await testFleet({ nodes: [{ name: "a", clockOffsetMs }] });

    const { machine } = reachedNode(await lookAtFleet(fleet), "10.0.0.1");

    expect(Math.abs(machine.clockOffsetMs - clockOffsetMs)).toBeLessThan(500);
  });

  it("says which images are there, in the words in which it was asked", async () => {
    const fleet = await testFleet({ nodes: 1, images: ["rancher/a:1", "busybox:latest", "registry.io:5000/b:2"] });
    const images = ["docker.io/rancher/a:1", "library/busybox", "registry.io:5000/b:2", "rancher/a:2"];

    const facts = await lookAtFleet(fleet, { nodes: nodesOf(fleet).map((node) => ({ ...node, images })) });

    expect(reachedNode(facts, "10.0.0.1").images).toEqual(images.slice(0, 3));
  });

  it("waits for a handful of round trips, however much there is to see", async () => {
    const fleet = await testFleet({ nodes: 3 });
    await rkeCluster(fleet, "three-all-in-one", { authority });
    const host = hostsOf(fleet);
    await Promise.all(nodesOf(fleet).map(({ address }) => host(address).open()));
    const turnsBefore = fleet.nodes.map(({ ssh }) => ssh.counts.turns);

    await lookAtFleet(fleet, { host });

    const turns = fleet.nodes.map(({ ssh }, index) => ssh.counts.turns - (turnsBefore[index] ?? 0));
    // They overlap: what is sent while something else is on its way counts as a turn of its own here.
    expect(Math.max(...turns)).toBeLessThan(40);
  });
});
