import { createRequire } from "node:module";
import { secret } from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { loginOf, machineOf } from "./machines.ts";
import { aStack, type EngineStack } from "./stack.ts";

const { RkeCluster, RkeIdentity, RkeNode } = createRequire(__filename)(
  "pulumi-rke",
) as typeof import("../../sdk/index.ts");

let fleet: Fleet;
const stacks: EngineStack[] = [];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close();
  await fleet.close();
});

async function opened(program: () => Promise<Record<string, unknown>>): Promise<EngineStack> {
  const stack = await aStack({ program });
  stacks.push(stack);
  return stack;
}

describe("a second stack", () => {
  it("reads the cluster of the first one with get, and owns nothing of it", async () => {
    fleet = await aFleet({ nodes: 1 });
    const { user, privateKey } = loginOf(fleet);
    const machine = {
      ...machineOf(fleet, "node-1"),
      user,
      privateKey,
      roles: ["etcd", "controlplane", "worker"],
    } as const;
    const kubernetesVersion = "v1.31.4-rancher1-1";
    const first = await opened(async () => {
      const identity = new RkeIdentity("keys");
      const cluster = new RkeCluster("prod", { nodes: [{ name: "node-1", ...machine }], identity, kubernetesVersion });
      return { bundle: identity.bundle, clusterId: cluster.clusterId, kubeconfig: cluster.kubeconfig };
    });
    const { outputs } = await first.up();
    const [bundle, clusterId] = [String(outputs.bundle), String(outputs.clusterId)];
    const second = await opened(async () => {
      const identity = RkeIdentity.get("keys", clusterId, { bundle: secret(bundle) });
      const node = RkeNode.get("node-1", "10.0.0.1", machine);
      const nodes = [{ name: "node-1", ...machine }];
      const cluster = RkeCluster.get("prod", clusterId, { nodes, identity, kubernetesVersion });
      return { hostname: node.facts.hostname, kubeconfig: cluster.kubeconfig, nodeStatus: cluster.nodeStatus };
    });
    const deeds = fleet.journal.events.length;

    const up = await second.up();
    const end = await second.destroy();

    expect(up.failure).toBeUndefined();
    expect(up.outputs).toEqual({
      hostname: "node-1",
      kubeconfig: outputs.kubeconfig,
      nodeStatus: { "node-1": { status: "ready", kubelet: "v1.31.4" } },
    });
    expect(end.failure).toBeUndefined();
    expect(fleet.journal.events.slice(deeds)).toEqual([]);
    expect(second.state()).not.toContain("PRIVATE KEY");
  });
});
