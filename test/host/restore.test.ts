import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { archiveOfRke, objectsIn, put, remove } from "../runs/snapshots.ts";
import { unplug } from "../runs/unlucky.ts";
import { all, registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

const restored = { kept: true, late: false };

/** A stack whose cluster has gone on since a snapshot was taken, which lies in a folder. */
async function aStack({ nodes = 1 } = {}) {
  fleet = await aFleet({ nodes });
  const stack = new Stack();
  const inputs = registered(fleet, { "node-1": all });
  await stack.up(inputs);
  put(fleet, "kept");
  const folder = await mkdtemp(join(tmpdir(), "pulumi-rke-snapshots-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "before.zip"), archiveOfRke(fleet, "before"));
  remove(fleet, "kept");
  put(fleet, "late");
  const from = { name: "before", takenAt: "2026-11-20T03:00:00Z" };
  const restoring = { ...inputs, restore: { from, confirm: "before", storage: { folder } } };
  return { stack, inputs, restoring };
}

const connections = (): number => fleet.nodes.reduce((sum, { ssh }) => sum + ssh.counts.connections, 0);

describe("RkeCluster with restore", () => {
  it("says in the preview what stops and what is lost, without a connection", async () => {
    const { stack, restoring } = await aStack();
    const before = connections();

    const { changes, text } = await stack.preview(restoring);

    expect(changes).toBe(true);
    expect(text).toContain('the restore of "before" stops etcd on node-1 and the API servers on node-1');
    expect(text).toContain("everything that was written to the cluster after 2026-11-20T03:00:00Z will be lost");
    expect(text).toContain("Exchange the data of etcd: node-1");
    expect(text).toContain("Then the rest, by what is found");
    expect(connections()).toBe(before);
  });

  it("restores once, and says so in its state", async () => {
    const { stack, restoring } = await aStack();

    await stack.up(restoring);

    expect(objectsIn(fleet)).toEqual(restored);
    expect(stack.state.restored).toEqual({
      name: "before",
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: expect.stringMatching(/^\d{4}-/),
    });
    const { changes, text } = await stack.preview(restoring);
    expect(changes).toBe(false);
    expect(text).toMatch(/the data from before "before" was restored are kept on node-1/);
    fleet.invariants.assertHeld();
  });

  it("removes the old data when restore is taken out of the program", async () => {
    const { stack, inputs, restoring } = await aStack();
    await stack.up(restoring);

    const { text } = await stack.preview(inputs);
    await stack.up(inputs);

    expect(text).toContain("Remove the data from before the restore");
    expect(stack.state.restored).toBeUndefined();
    expect(objectsIn(fleet)).toEqual(restored);
    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
  });

  it("does not restore again when the state of the run was lost", async () => {
    const { stack, restoring } = await aStack();
    const { state } = stack;
    await stack.up(restoring);
    put(fleet, "late");
    stack.state = state;

    await stack.up(restoring);

    expect(objectsIn(fleet)).toEqual({ kept: true, late: true });
    expect(stack.state.restored).toMatchObject({ name: "before" });
  });

  it("goes back when it has stopped halfway and is not asked for any more, and says so before", async () => {
    const { stack, inputs, restoring } = await aStack();
    const heal = fleet.faults.refuse(500, "no", { what: /^POST \/containers\/etcd\/start/ });
    await expect(stack.up(restoring)).rejects.toThrow();
    heal();

    const { text } = await stack.preview(inputs);
    await stack.up(inputs);

    expect(stack.state.restored).toBeUndefined();
    expect(text).toContain('the restore of "before" did not come to its end and is not asked for any more');
    expect(text).toContain("Put the old data back: node-1");
    expect(objectsIn(fleet)).toEqual({ kept: false, late: true });
  });

  it("does nothing without being confirmed", async () => {
    const { stack, restoring } = await aStack();

    const unconfirmed = { ...restoring, restore: { ...restoring.restore, confirm: "yes" } };

    await expect(stack.preview(unconfirmed)).rejects.toThrow('Who wants that writes: confirm: "before"');
  });

  it("brings a cluster back on other machines when all of its own are lost, and none without a new snapshot", async () => {
    const { stack, restoring } = await aStack({ nodes: 2 });
    const { restore } = restoring;
    unplug(fleet, "node-1");
    const elsewhere = registered(fleet, { "node-2": all });

    await expect(stack.preview(elsewhere)).rejects.toThrow("No etcd node of the cluster is left");
    await stack.up({ ...elsewhere, restore });

    expect(objectsIn(fleet)).toEqual(restored);
    const back = { ...registered(fleet, { "node-1": all }), restore };
    await expect(stack.preview(back)).rejects.toThrow("restore a snapshot that was not asked for before");
  });

  it("brings a cluster back with nothing but its identity, on machines that are new", async () => {
    const { stack, restoring } = await aStack();
    const { restore } = restoring;
    const lost = stack.id;
    fleet.powerOff("node-1");
    await fleet.close();
    fleet = await aFleet({ nodes: 1 });
    // The same identity in a stack that has never heard of the cluster.
    stack.id = "";
    stack.state = {};
    stack.inputs = {};

    await stack.up({ ...registered(fleet, { "node-1": all }), restore });

    expect(objectsIn(fleet)).toEqual(restored);
    expect(stack.id).toBe(lost);
    expect(stack.state.restored).toMatchObject({ name: "before" });
  });
});
