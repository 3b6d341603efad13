import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { clusterProgram, type Roles } from "./cluster-program.ts";
import { aStack, type EngineStack } from "./stack.ts";

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

const all: Roles = ["etcd", "controlplane", "worker"];

describe("a person at the terminal", () => {
  it("sees the plan in the preview and not again in the run, whose progress stands in the cluster's own row", async () => {
    fleet = await aFleet({ nodes: 1 });
    stack = await aStack({ program: clusterProgram(fleet, { nodes: { "node-1": all } }) });
    await stack.up();
    const services = { kubeApi: { extraArgs: { v: "4" } } };
    stack.write(clusterProgram(fleet, { nodes: { "node-1": all }, services }));

    const preview = await stack.preview();
    const up = await stack.up();

    const plan = /prod {2}\d+ phases?, \d+ steps?, 1 node\n/;
    expect(preview.printed).toMatch(plan);
    expect(up.printed).not.toMatch(plan);
    expect(up.printed).toMatch(/RkeCluster prod updating .*\(1\/\d\)/);
    expect(stack.state()).not.toContain('"isPreview"');
  });
});
