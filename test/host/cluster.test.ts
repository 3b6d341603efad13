import { afterEach, describe, expect, it } from "vitest";

import type { Properties } from "../../provider/resources/handler.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { all, registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("RkeCluster", () => {
  it("is created, and then there is nothing to preview", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });

    await stack.up(inputs);

    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
    expect(stack.state.nodeStatus).toEqual({ "node-1": { status: "ready", kubelet: "v1.31.4" } });
    fleet.invariants.assertHeld();
  });

  it("does not change when a newer package describes its planes in other words", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });
    await stack.up(inputs);
    stack.state = { ...stack.state, planes: { etcd: "one member, in words of an older package" } };

    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
  });

  it("is refreshed without a change", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    const before = stack.state;

    await stack.refresh();

    expect(stack.state).toEqual(before);
  });

  it("lists the snapshots that lie on its machines, and that is no reason to update anything", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });
    await stack.up(inputs);
    const before = stack.state.backups;
    fleet.node("node-1").machine.disk.write("/opt/rke/etcd-snapshots/before-upgrade.zip", "archive");

    await stack.refresh();

    expect(before).toEqual([]);
    expect(stack.state.backups).toEqual([
      { name: "before-upgrade", node: "node-1", sizeBytes: 7, takenAt: expect.stringMatching(/^20\d\d-.*Z$/) },
    ]);
    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
  });

  it("warns in each preview, once a look has found that recurring snapshots have stopped", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });
    await stack.up(inputs);
    Object.assign(stack.world, { clock: () => new Date(Date.now() + 25 * 3_600_000) });
    const early = await stack.preview(inputs);

    await stack.refresh();
    const { changes, text } = await stack.preview(inputs);

    expect(early.text).toBe("");
    expect(changes).toBe(false);
    expect(text).toMatch(/^prod {2}warning: no recurring snapshot of etcd was seen in \/opt\/rke\/etcd-snapshots/);
  });

  it("saves etcd before it changes it, unless it is told not to", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    const changed = (words: string, more: Properties = {}) =>
      registered(fleet, { "node-1": all }, { services: { etcd: { extraArgs: { "snapshot-count": words } } }, ...more });
    const without = await stack.preview(changed("5000", { safetySnapshot: false }));
    const { text } = await stack.preview(changed("5000"));

    await stack.up(changed("5000"));
    const saved = stack.state.backups;
    await stack.up(changed("6000", { safetySnapshot: false }));

    expect(without.text).not.toContain("save etcd");
    expect(text).toContain("Save etcd before changing it: node-1");
    expect(saved).toEqual([expect.objectContaining({ name: expect.stringMatching(/^pulumi-rke-before-change-20/) })]);
    expect(stack.state.backups).toEqual(saved);
    await expect(stack.up(changed("7000", { safetySnapshot: "no" }))).rejects.toThrow(
      "safetySnapshot: true or false is wanted",
    );
  });

  it("takes in a machine and shows it in the preview", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    const wanted = registered(fleet, { "node-1": all, "node-2": ["worker"] });

    const { text } = await stack.preview(wanted);
    await stack.up(wanted);

    expect(text).toContain("node-2");
    expect(stack.state.nodeStatus).toMatchObject({ "node-2": { status: "ready" } });
    expect(await stack.preview(wanted)).toEqual({ changes: false, text: "" });
  });

  it("lets a machine go, and cleans it", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all, "node-2": ["worker"] }));
    fleet.invariants.leaving = { controlPlanes: new Set(), nodes: new Set(["node-2"]) };

    await stack.up(registered(fleet, { "node-1": all }));

    expect(fleet.node("node-2").machine.containers.size).toBe(0);
  });

  it("is deleted from its state alone", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    await stack.destroy();

    expect(fleet.node("node-1").machine.containers.size).toBe(0);
  });
});

describe("diff()", () => {
  it("prints the plan in a preview, and not again before the update", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    const wanted = registered(fleet, { "node-1": all, "node-2": ["worker"] });

    const preview = await stack.diffAs(wanted, { isPreview: true });
    const update = await stack.diffAs(wanted, { isPreview: false });
    const refresh = await stack.diffAs(wanted, undefined);

    expect(preview).toMatchObject({ changes: true, text: expect.stringContaining("node-2") });
    expect(update).toEqual({ changes: true, text: "" });
    expect(refresh).toEqual({ changes: true, text: "" });
  });
});

describe("the preview of a big cluster", () => {
  it("says once what many machines do, and stays short", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    const { nodes, connections, ...rest } = registered(fleet, { "node-1": all });
    const worker = (index: number) => ({ host: `10.0.1.${index}`, user: "rke", roles: ["worker"] });
    const names = Array.from({ length: 200 }, (_, index) => [`worker-${index + 1}`, worker(index + 1)] as const);

    const { text } = await stack.preview({
      ...rest,
      nodes: { ...(nodes as Properties), ...Object.fromEntries(names) },
      connections,
    });

    expect(text).toContain("worker-1 … worker-200 (200 nodes)");
    expect(text.split("\n").length).toBeLessThan(60);
  });
});

describe("the names of the machines", () => {
  it("stay what the program called them when they leave it", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    const { nodes, connections, ...rest } = registered(fleet, { "node-1": all, "node-2": ["worker"] });
    const called = ({ "node-2": node, ...others }: Properties): Properties => ({ ...others, blue: node });
    const both = { ...rest, nodes: called(nodes as Properties), connections: called(connections as Properties) };
    await stack.up(both);
    fleet.invariants.leaving = { controlPlanes: new Set(), nodes: new Set(["node-2"]) };

    const { text } = await stack.preview(registered(fleet, { "node-1": all }));
    await stack.up(registered(fleet, { "node-1": all }));

    expect(text).toContain("Clean nodes that leave: blue");
    expect(stack.world.lines.join("\n")).not.toContain("10.0.0.2  ");
  });
});
