import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import type { FleetEvent } from "../fleet/journal.ts";
import { clusterProgram, type Roles } from "./cluster-program.ts";
import { leftOn } from "./machines.ts";
import { aStack, type EngineStack } from "./stack.ts";

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

type IsReached = (event: FleetEvent) => boolean;
type Nodes = Readonly<Record<string, Roles>>;

const alone: Nodes = { "node-1": ["etcd", "controlplane", "worker"] };
const twoNodes: Nodes = { ...alone, "node-2": ["worker"] };

const creates =
  (name: string): IsReached =>
  ({ kind, what }) =>
    kind === "container created" && what === name;

const writesCa: IsReached = ({ kind, what }) => kind.startsWith("file ") && what.endsWith("/kube-ca.pem");

/** Something that a creation does in each of its phases, in their order, and the nodes that it takes to see it. */
const moments: readonly (readonly [phase: string, isReached: IsReached, nodes: Nodes])[] = [
  ["pulls images", ({ kind }) => kind === "image pulled", alone],
  ["tries ports", creates("pulumi-rke-listener"), twoNodes],
  ["writes files", writesCa, alone],
  ["starts etcd", creates("etcd"), alone],
  ["starts a control plane", creates("kube-apiserver"), alone],
  ["starts a worker", creates("kubelet"), alone],
  ["registers nodes", ({ kind }) => kind === "node registered", alone],
];

describe("a creation that fails while it", () => {
  it.each(moments)("%s can be refreshed and goes on", async (_, isReached, nodes) => {
    await failedAt(isReached, nodes);

    const refresh = await stack.refresh();
    const up = await stack.up();

    expect(refresh.failure).toBeUndefined();
    expect(up.failure).toBeUndefined();
    expect(up.outputs.kubeconfig).toContain("client-certificate-data");
    expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
    fleet.invariants.assertHeld();
  });

  it.each(moments)("%s can be destroyed, and leaves nothing", async (_, isReached, nodes) => {
    await failedAt(isReached, nodes);
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    const destroy = await stack.destroy();

    expect(destroy.failure).toBeUndefined();
    expect(leftOn(fleet)).toEqual([]);
  });
});

/** A creation that loses its machines right after that moment; afterwards they answer again. */
async function failedAt(isReached: IsReached, nodes: Nodes): Promise<void> {
  fleet = await aFleet({ nodes: Object.keys(nodes).length });
  stack = await aStack({ program: clusterProgram(fleet, { nodes }) });
  const stopListening = fleet.journal.onEvent((event) => {
    if (!isReached(event)) return;
    stopListening();
    fleet.faults.dieAfter(1);
  });
  const { failure } = await stack.up();
  stopListening();
  if (!fleet.faults.isDead) throw new Error("The creation came to its end and never to that moment");
  if (failure === undefined) throw new Error("The creation did not fail");
  fleet.revive();
}
