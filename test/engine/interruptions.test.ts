import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import type { FleetEvent } from "../fleet/journal.ts";
import { leftOn } from "../fleet/left-on.ts";
import { clusterProgram, type Roles } from "./cluster-program.ts";
import type { Run } from "./run.ts";
import { aStack, type EngineStack } from "./stack.ts";

const nodes: Readonly<Record<string, Roles>> = { "node-1": ["etcd", "controlplane", "worker"], "node-2": ["worker"] };
const caFile = "/etc/kubernetes/ssl/kube-ca.pem";

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

type Interruption = "one Ctrl-C" | "a power cut";

describe("a creation", () => {
  it.runIf(process.platform === "linux").each<Interruption>(["one Ctrl-C", "a power cut"])(
    "that is ended by %s goes on with the same CA",
    async (interruption) => {
      await anEmptyStack();

      const interrupted = await upUntil(({ kind }) => kind === "api server ready", interruption);
      const caBefore = fleet.node("node-1").machine.disk.read(caFile)?.toString();
      const again = await stack.up();

      expect(interrupted.failure).toBeDefined();
      expect(again.failure).toBeUndefined();
      expect(caBefore).toContain("BEGIN CERTIFICATE");
      expect(fleet.node("node-1").machine.disk.read(caFile)?.toString()).toBe(caBefore);
      expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
      fleet.invariants.assertHeld();
    },
  );

  it.runIf(process.platform === "linux")(
    "of which only the engine was killed is left in peace, then taken over",
    async () => {
      await anEmptyStack();

      await upUntil(({ kind }) => kind === "api server ready", "the end of the engine");
      const meanwhile = await stack.up();
      stack.kill();
      const again = meanwhile.failure === undefined ? meanwhile : await stack.up();

      expect(meanwhile.failure === undefined || meanwhile.printed.includes("Cannot take the lock")).toBe(true);
      expect(again.failure).toBeUndefined();
      expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
      fleet.invariants.assertHeld();
    },
  );
});

describe("an update", () => {
  it.runIf(process.platform === "linux").each<Interruption>(["one Ctrl-C", "a power cut"])(
    "that is ended by %s goes on, and leaves nothing behind in the end",
    async (interruption) => {
      await anEmptyStack("v1.30.9-rancher1-1");
      await stack.up();
      stack.write(clusterProgram(fleet, { nodes, kubernetesVersion: "v1.31.4-rancher1-1" }));

      const interrupted = await upUntil(
        ({ kind, what }) => kind === "container created" && what === "kube-apiserver",
        interruption,
      );
      const again = await stack.up();
      const preview = await stack.preview();
      fleet.invariants.assertHeld();
      for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);
      const destroy = await stack.destroy();

      expect(interrupted.failure).toBeDefined();
      expect(again.failure).toBeUndefined();
      expect(preview).toMatchObject({ failure: undefined, changes: {} });
      expect(destroy.failure).toBeUndefined();
      expect(leftOn(fleet)).toEqual([]);
    },
  );
});

async function anEmptyStack(kubernetesVersion = "v1.31.4-rancher1-1"): Promise<void> {
  fleet = await aFleet({ nodes: 2 });
  stack = await aStack({ program: clusterProgram(fleet, { nodes, kubernetesVersion }) });
}

/** Runs `pulumi up` and ends it when something has happened, so that another can begin. */
async function upUntil(
  isTime: (event: FleetEvent) => boolean,
  by: Interruption | "the end of the engine",
): Promise<Run> {
  const ctrlC = new AbortController();
  const stopListening = fleet.journal.onEvent((event) => {
    if (!isTime(event)) return;
    stopListening();
    if (by === "one Ctrl-C") ctrlC.abort();
    else if (by === "a power cut") stack.kill();
    else stack.killEngine();
  });
  const run = await stack.up({ signal: ctrlC.signal });
  stopListening();
  if (by !== "one Ctrl-C") await stack.unlock();
  return run;
}
