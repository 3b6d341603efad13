import { afterEach, describe, expect, it } from "vitest";

import { lockLabels, lockName } from "../../provider/execute/lock-record.ts";
import { unpacked } from "../../provider/state/packed-text.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { all, registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

async function aStack(nodes = 1) {
  fleet = await aFleet({ nodes });
  return new Stack();
}

/** Lets the machines go silent at the first event that is meant. */
function silentAt(kind: string, { detail = /^/ }: { detail?: RegExp } = {}): void {
  const stop = fleet.journal.onEvent((event) => {
    if (event.kind !== kind || !detail.test(JSON.stringify(event))) return;
    stop();
    fleet.faults.dieAfter(0);
  });
}

describe("create()", () => {
  it.each([1, 2, 3, 8])("keeps what it knows when the connection is lost for good after deed %i", async (deeds) => {
    const stack = await aStack();
    const inputs = registered(fleet, { "node-1": all });
    fleet.faults.dieAfter(deeds);

    await expect(stack.up(inputs)).rejects.toThrow();
    fleet.revive();
    const { id } = stack;
    await stack.up(inputs);

    expect(id).not.toBe("");
    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
  });

  it("keeps nothing when somebody else has the lock, and leaves nothing behind", async () => {
    const stack = await aStack(3);
    const roles = { "node-1": all, "node-2": all, "node-3": all };
    lockedByAnother("node-2");

    await expect(stack.up(registered(fleet, roles))).rejects.toThrow("take the lock of the cluster");

    expect(stack.id).toBe("");
    expect(fleet.nodes.map(({ machine }) => machine.containers.size)).toEqual([0, 1, 0]);
  });

  it("keeps nothing when the machines are not fit", async () => {
    const twin = (index: number) => ({
      name: `node-${index}`,
      address: `10.0.0.${index}`,
      machineId: "one and the same",
    });
    fleet = await aFleet({ nodes: [twin(1), twin(2)] });
    const stack = new Stack();

    const creation = stack.up(registered(fleet, { "node-1": all, "node-2": ["worker"] }));

    await expect(creation).rejects.toThrow("are not fit");
    expect(stack.id).toBe("");
  });

  it("keeps what it knows when the time is up", async () => {
    const stack = await aStack();
    const inputs = registered(fleet, { "node-1": all });
    fleet.faults.delay(4000, { what: /containers\/kubelet\/start/ });

    await expect(stack.up({ ...inputs, timeouts: { create: "2s" } })).rejects.toThrow("it took longer than");

    expect(stack.state).toMatchObject({ stateVersion: 1, attempted: [{ address: "10.0.0.1" }] });
  });

  it("keeps what it knows when all is done and the last look fails", async () => {
    const stack = await aStack();
    const inputs = registered(fleet, { "node-1": all });
    silentAt("container removed", { detail: new RegExp(lockName) });

    await expect(stack.up(inputs)).rejects.toThrow();
    fleet.revive();

    expect(stack.state).toMatchObject({ stateVersion: 1, __provider: "text" });
    await stack.up(inputs);
    expect(fleet.journal.lines({ kind: "container created" }).filter((line) => line.includes("kubelet"))).toHaveLength(
      1,
    );
  });
});

describe("update()", () => {
  it("keeps the result of the rest when a machine does not answer", async () => {
    const stack = await aStack(2);
    const roles = { "node-1": all, "node-2": ["worker"] } as const;
    await stack.up(registered(fleet, roles));
    const wanted = registered(fleet, roles, { services: { kubeApi: { extraArgs: { v: "4" } } } });
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);
    await fleet.node("node-2").ssh.close();

    await expect(stack.up(wanted)).rejects.toMatchObject({ reasons: [expect.stringContaining("on node-2")] });

    expect(stack.state.nodeStatus).toMatchObject({
      "node-1": { status: "ready" },
      "node-2": { status: "unreachable" },
    });
    expect(unpacked(stack.state.applied)).toMatchObject([{ address: "10.0.0.1" }, { address: "10.0.0.2" }]);
  });

  it("leaves the state as it was when it fails before the first deed", async () => {
    const stack = await aStack();
    await stack.up(registered(fleet, { "node-1": all }));
    const before = stack.state;
    lockedByAnother("node-1");

    const wanted = registered(fleet, { "node-1": all }, { services: { kubeApi: { extraArgs: { v: "4" } } } });
    await expect(stack.up(wanted)).rejects.toThrow("take the lock of the cluster");

    expect(stack.state).toEqual(before);
  });

  it("carries the state over a second failure, and cleans what only the first one had begun", async () => {
    const stack = await aStack(2);
    await stack.up(registered(fleet, { "node-1": all }));
    const wanted = registered(fleet, { "node-1": all, "node-2": ["worker"] });
    fleet.faults.dieAfter(6);
    await stack.up(wanted).catch(() => undefined);
    fleet.revive();
    fleet.faults.dieAfter(2);
    await stack.up(wanted).catch(() => undefined);
    fleet.revive();

    await stack.up(registered(fleet, { "node-1": all }));

    expect(fleet.node("node-2").machine.containers.size).toBe(0);
    expect(unpacked(stack.state.applied)).toMatchObject([{ address: "10.0.0.1" }]);
    expect(stack.state.attempted).toEqual([]);
  });
});

function lockedByAnother(name: string): void {
  const record = {
    holder: "another cluster",
    owner: "bob@elsewhere, pid 1",
    runId: "other",
    verb: "up",
    expiresAt: "",
  };
  const { machine } = fleet.node(name);
  machine.create({ name: lockName, spec: { Image: "busybox", Labels: lockLabels(record, { startedAt: new Date() }) } });
}
