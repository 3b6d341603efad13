import { afterEach, describe, expect, it } from "vitest";

import { unknownValue } from "../../provider/config/unknowns.ts";
import { lockName } from "../../provider/execute/lock-record.ts";
import type { PartlyDone } from "../../provider/resources/run.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { all, registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("RkeCluster, when it fails", () => {
  it("saves nothing as long as nothing was touched", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });

    await expect(stack.up({ ...inputs, connections: { "node-1": { privateKey: otherKey } } })).rejects.toThrow();

    expect(stack.id).toBe("");
  });

  it("keeps what it knows in the middle, and goes on from there", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all, "node-2": ["worker"] });
    fleet.faults.dieAfter(12);

    const failure = await stack.up(inputs).catch((error: PartlyDone) => error);
    fleet.revive();
    const { changes } = await stack.preview(inputs);
    await stack.up(inputs);

    expect(changes).toBe(true);
    expect(failure).toMatchObject({ id: stack.id, properties: { __provider: "text", stateVersion: 1 } });
    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
    fleet.invariants.assertHeld();
  });

  it("cleans a machine that a broken run had begun with and that nobody wants any more", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all }));
    const stop = fleet.journal.onEvent(({ node, kind }) => {
      if (node === "node-2" && kind === "container created") fleet.faults.dieAfter(1);
    });
    await stack.up(registered(fleet, { "node-1": all, "node-2": ["worker"] })).catch(() => undefined);
    stop();
    fleet.revive();

    await stack.up(registered(fleet, { "node-1": all }));

    expect(fleet.node("node-2").machine.containers.size).toBe(0);
    expect(stack.state.attempted).toEqual([]);
  });

  it("makes a cluster without a server that a broken run had begun with", async () => {
    fleet = await aFleet({ nodes: 3 });
    const stack = new Stack();
    const stop = fleet.journal.onEvent(({ node, kind, what }) => {
      if (node === "node-3" && kind === "container created" && !what.startsWith(lockName)) fleet.faults.dieAfter(1);
    });
    await stack.up(registered(fleet, { "node-1": all, "node-3": all })).catch(() => undefined);
    stop();
    fleet.revive();

    await stack.up(registered(fleet, { "node-1": all, "node-2": ["worker"] }));

    expect(fleet.node("node-3").machine.containers.size).toBe(0);
    expect(stack.state.attempted).toEqual([]);
    fleet.invariants.assertHeld();
  });

  it("forgets every name that a machine has had in runs that broke", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    const called = (name: string) => {
      const inputs = registered(fleet, { "node-1": all, "node-2": ["worker"] });
      const nodes = inputs.nodes as Record<string, object>;
      return { ...inputs, nodes: { ...nodes, "node-2": { ...nodes["node-2"], hostnameOverride: name } } };
    };
    await stack.up(called("node-2"));
    const stop = fleet.journal.onEvent(({ kind, what }) => {
      if (kind === "node registered" && what === "second") fleet.faults.dieAfter(1);
    });
    await stack.up(called("second")).catch(() => undefined);
    stop();
    fleet.revive();

    await stack.up(called("third"));

    const [etcd] = fleet.world.etcdClusters.values();
    const names = [...(etcd?.store.keys() ?? [])].filter((key) => key.startsWith("/registry/nodes/"));
    expect(names.map((key) => key.split("/").at(-1)).sort()).toEqual(["node-1", "third"]);
    expect(await stack.preview(called("third"))).toEqual({ changes: false, text: "" });
  });

  it("stops when it is told to, and keeps what it knows", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const ctrlC = new AbortController();
    const stop = fleet.journal.onEvent(({ kind }) => {
      if (kind === "api server ready") ctrlC.abort(new Error("enough"));
    });

    await expect(stack.up(registered(fleet, { "node-1": all }), { signal: ctrlC.signal })).rejects.toThrow(
      "it was cancelled",
    );
    stop();

    expect(stack.state).toMatchObject({ stateVersion: 1, certificates: expect.stringContaining("kube-apiserver") });
  });

  it("names the machines that do not answer when it is deleted, and cleans the others", async () => {
    fleet = await aFleet({ nodes: 2 });
    const stack = new Stack();
    await stack.up(registered(fleet, { "node-1": all, "node-2": ["worker"] }));
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);
    await fleet.node("node-2").ssh.close();

    await stack.destroy();

    expect(fleet.node("node-1").machine.containers.size).toBe(0);
    const said = stack.world.lines.filter((line) => line.includes("was not cleaned"));
    expect(said).toEqual([
      expect.stringMatching(/node-2 \(10\.0\.0\.2\) does not answer .* declare an RkeNode for it/),
    ]);
  });

  it("prints no secret, whatever happens", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });
    fleet.faults.dieAfter(12);
    await stack.up(inputs).catch(() => undefined);
    fleet.revive();
    await stack.up(inputs);

    const printed = stack.world.lines.join("\n");

    expect(printed).not.toContain("PRIVATE KEY");
    expect(printed).toContain("node-1");
  });
});

describe("RkeCluster, before anything is known", () => {
  it("previews a machine that does not exist yet", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });
    const nodes = { ...(inputs.nodes as object), new: { host: unknownValue, roles: ["worker"] } };
    await stack.up(inputs);

    const { changes } = await stack.preview({ ...inputs, nodes, connections: unknownValue });

    expect(changes).toBe(true);
  });
});

const otherKey = "-----BEGIN OPENSSH PRIVATE KEY-----\nnone\n-----END OPENSSH PRIVATE KEY-----\n";
