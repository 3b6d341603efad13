import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { aCloud } from "./cloud.ts";
import { clusterProgram, type Roles, type Wanted } from "./cluster-program.ts";
import { exampleProgram } from "./example.ts";
import { loginOf } from "./machines.ts";
import { aStack, type EngineStack } from "./stack.ts";

const all: Roles = ["etcd", "controlplane", "worker"];
const worker: Roles = ["worker"];

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

describe("RkeCluster on the engine", () => {
  it("keeps the kubeconfig known while it is upgraded, so that nothing on the cluster changes", async () => {
    const nodes = { "node-1": all, "node-2": worker };
    await made(2, { nodes, kubernetesVersion: "v1.30.9-rancher1-1" });

    stack.write(clusterProgram(fleet, { nodes, kubernetesVersion: "v1.31.4-rancher1-1" }));
    const preview = await stack.preview();
    const up = await stack.up();

    expect(preview).toMatchObject({ failure: undefined, changes: { prod: "update" } });
    expect(preview.printed).toContain("controlplane");
    expect(up).toMatchObject({ failure: undefined, changes: { prod: "update" } });
    expect(await stack.preview()).toMatchObject({ changes: {} });
    fleet.invariants.assertHeld();
  });

  it("does not mind in which order its nodes are written", async () => {
    await made(3, { nodes: { "node-1": all, "node-2": worker, "node-3": worker } });

    stack.write(clusterProgram(fleet, { nodes: { "node-3": worker, "node-1": all, "node-2": worker } }));

    expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
  });

  it("changes one node when one is put between the others", async () => {
    await made(3, { nodes: { "node-1": all, "node-3": worker } });
    const before = fleet.journal.events.length;

    stack.write(clusterProgram(fleet, { nodes: { "node-1": all, "node-2": worker, "node-3": worker } }));
    const preview = await stack.preview();
    const up = await stack.up();

    const expected = { failure: undefined, changes: { "node-2": "create", prod: "update" } };
    expect(preview).toMatchObject(expected);
    expect(preview.differences.prod).toEqual(expect.arrayContaining(["nodes.node-2", "planes.worker"]));
    expect(preview.differences.prod).not.toContain("nodes.node-3");
    expect(up).toMatchObject(expected);
    expect(disturbed(before)).toEqual(["node-2"]);
  });

  it("takes a node out of etcd and Kubernetes before it cleans the machine", async () => {
    await made(4, { nodes: { "node-1": all, "node-2": all, "node-3": all, "node-4": worker } });
    const before = fleet.journal.events.length;

    stack.write(clusterProgram(fleet, { nodes: { "node-1": all, "node-2": all, "node-3": all } }));
    const up = await stack.up();

    expect(up).toMatchObject({ failure: undefined, order: ["update prod", "delete node-4"] });
    const kinds = fleet.journal.events.slice(before).map(({ kind }) => kind);
    expect(kinds.indexOf("node deleted")).toBeGreaterThan(kinds.indexOf("node cordoned"));
    expect(fleet.node("node-4").machine.disk.list("/etc/kubernetes")).toEqual([]);
    fleet.invariants.assertHeld();
  });

  it("takes a machine that is still to be made, and lets it go only when it is drained, out of etcd and clean", async () => {
    fleet = await aFleet({ nodes: 3 });
    const cloud = await aCloud(fleet);
    const config = { ...loginOf(fleet), cloud: cloud.url, names: ["node-1", "node-2"] };
    stack = await aStack({ program: exampleProgram("vms-and-cluster"), config });
    await stack.up();

    await stack.set({ names: ["node-1", "node-2", "node-3"] });
    const preview = await stack.preview();
    const grown = await stack.up();
    const before = fleet.journal.events.length;
    await stack.set({ names: ["node-1", "node-2"] });
    const shrunk = await stack.up();
    await cloud.close();

    const expected = { failure: undefined, changes: { "node-3": "create", prod: "update" } };
    expect(preview).toMatchObject(expected);
    expect(grown).toMatchObject(expected);
    const events = fleet.journal.events.slice(before).map(({ kind }) => kind);
    const milestones = ["node cordoned", "member removed", "node deleted", "power off"] as const;
    expect(shrunk).toMatchObject({ failure: undefined, order: ["update prod", "delete node-3", "delete node-3"] });
    expect([...new Set(events)].filter((kind) => milestones.some((one) => one === kind))).toEqual(milestones);
    fleet.invariants.assertHeld();
  });

  it("is still there, and its machines as they were, when a program forgets it that had protected it", async () => {
    await made(1, { nodes: { "node-1": all }, protect: true });
    const before = fleet.journal.events.length;

    stack.write(async () => undefined);
    const preview = await stack.preview();
    const up = await stack.up();

    expect(preview.failure).toBeDefined();
    expect(up.failure).toBeDefined();
    expect(up.printed).toMatch(/::prod".* is protected|prod.* cannot be deleted/s);
    expect(fleet.journal.events.slice(before).filter(({ by }) => by === "client")).toEqual([]);
    expect(Object.keys(await stack.inputs("pulumi-nodejs:dynamic/rke:RkeCluster"))).toEqual(["prod"]);
  });

  it("finds a container that somebody removed, and brings it back", async () => {
    await made(1, { nodes: { "node-1": all } });
    const { machine } = fleet.node("node-1");
    const scheduler = [...machine.containers.values()].find(({ name }) => name === "kube-scheduler");
    if (scheduler === undefined) throw new Error("No kube-scheduler runs");
    machine.remove(scheduler);

    const refresh = await stack.refresh();
    const preview = await stack.preview();
    const up = await stack.up();

    expect(refresh).toMatchObject({ failure: undefined, changes: { prod: "update" } });
    expect(preview).toMatchObject({ failure: undefined, changes: { prod: "update" } });
    expect(up.failure).toBeUndefined();
    expect([...machine.containers.values()].map(({ name }) => name)).toContain("kube-scheduler");
  });

  it("tells no secret: not on the terminal, not in its logs, not in the state", async () => {
    fleet = await aFleet({ nodes: 1 });
    stack = await aStack({ program: clusterProgram(fleet, { nodes: { "node-1": all } }) });

    const runs = [await stack.preview(), await stack.up(), await stack.refresh(), await stack.preview()];

    const told = [...runs.map(({ printed }) => printed), stack.logs(), stack.state()].join("\n");
    const secrets = secretsOf(runs[1]?.outputs.kubeconfig, fleet);
    expect(secrets.length).toBeGreaterThan(3);
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
    expect(runs.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined]);
  });
});

/** A cluster on a fleet of so many machines, made and left alone. */
async function made(machines: number, wanted: Wanted): Promise<void> {
  fleet = await aFleet({ nodes: machines });
  stack = await aStack({ program: clusterProgram(fleet, wanted) });
  const { failure } = await stack.up();
  if (failure !== undefined) throw new Error(failure);
}

/** Machines on which anything but the containers of a moment was made, stopped or removed since. */
function disturbed(since: number): readonly string[] {
  const touching = fleet.journal.events
    .slice(since)
    .filter(
      ({ kind, what, by }) => by === "client" && kind.startsWith("container ") && !what.startsWith("pulumi-rke-"),
    );
  return [...new Set(touching.map(({ node }) => node))].sort();
}

/** A line from the middle of each key there is: on the disks, in the kubeconfig, and the one that opens the machines. */
function secretsOf(kubeconfig: unknown, { nodes }: Fleet): readonly string[] {
  const files = nodes.flatMap(({ machine }) =>
    machine.disk
      .list("/etc/kubernetes/ssl")
      .filter((path) => path.endsWith("-key.pem"))
      .map((path) => machine.disk.read(path)?.toString() ?? ""),
  );
  const logins = nodes.map(({ privateKey }) => privateKey);
  const [, inKubeconfig = ""] = /client-key-data: "?([\w+/=]+)/.exec(String(kubeconfig)) ?? [];
  const middles = [...files, ...logins].map((text) => text.split("\n")[5] ?? "");
  return [...middles, inKubeconfig.slice(100, 160)].filter((text) => text.length > 20);
}
