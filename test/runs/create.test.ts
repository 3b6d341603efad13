import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { Cluster } from "./cluster.ts";
import { nodeWith } from "./operation-on.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("bringUp()", () => {
  it("creates a cluster on one machine, and then finds nothing to do", async () => {
    fleet = await aFleet({ nodes: 1 });
    const cluster = new Cluster(fleet, { nodes: [nodeWith(1, ["etcd", "controlplane", "worker"])] });

    await cluster.up();
    const again = await cluster.up();

    expect(again.runbook).toEqual([]);
    fleet.invariants.assertHeld();
  });
});
