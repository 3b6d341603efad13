import { describe, expect, it } from "vitest";

import { manyNodes, oneNode, ran, threeNodes } from "./world.ts";

describe("plan()", () => {
  it("plan() shows no plan of a file that is not right", async () => {
    const { code, out, err } = await ran(["plan", "c.yml"], { "c.yml": "nodes: []\n" });

    expect([code, out]).toEqual([1, ""]);
    expect(err).toMatch(/^c\.yml:1:\d: error: nodes: No node is given/m);
  });

  it("plan() says its warnings on standard error, beside the plan", async () => {
    const { code, out, err } = await ran(["plan", "c.yml"], { "c.yml": `${oneNode}colour: blue\n` });

    expect(code).toBe(0);
    expect(out).toMatch(/^Kubernetes v1\.32\.6-rancher1-1 on 1 node /);
    expect(err).toContain("c.yml:4:1: warning: colour: ");
  });

  it("plan() refuses unknown keys when it is strict", async () => {
    const { code, out } = await ran(["plan", "c.yml", "--strict"], { "c.yml": `${oneNode}colour: blue\n` });

    expect([code, out]).toEqual([1, ""]);
  });

  it.each([
    ["hostname", "worker-1"],
    ["address", "1.1.1.2"],
    ["internal address", "10.0.0.2"],
  ])("plan() finds a node by its %s", async (_, name) => {
    const { out } = await ran(["plan", "c.yml", "--node", name], { "c.yml": threeNodes });

    expect(out).toMatch(/^worker-1 \(1\.1\.1\.2, internal 10\.0\.0\.2\): worker\n/);
  });

  it("plan() names the nodes there are when it does not know one", async () => {
    expect(await ran(["plan", "c.yml", "--node", "worker-9"], { "c.yml": threeNodes })).toEqual({
      code: 1,
      out: "",
      err: 'pulumi-rke: Cannot show the node "worker-9": no node has this address or hostname\n  There are cp-1, worker-1, worker-2\n',
    });
  });

  it("plan() names the first ten of many nodes", async () => {
    const { err } = await ran(["plan", "c.yml", "--node", "x"], { "c.yml": manyNodes(37) });

    expect(err).toMatch(/There are cp-1, .*, worker-7 and 30 more\n$/);
  });

  it("plan() has the whole plan as JSON", async () => {
    const { out } = await ran(["plan", "c.yml", "--json"], { "c.yml": threeNodes });

    expect(JSON.parse(out).nodes.map(({ address }: { address: string }) => address)).toEqual([
      "10.0.0.1",
      "1.1.1.2",
      "10.0.0.3",
    ]);
  });

  it("plan() has one node as JSON, in the same form", async () => {
    const { out } = await ran(["plan", "c.yml", "--json", "--node", "worker-2"], { "c.yml": threeNodes });

    const plan = JSON.parse(out);
    expect(plan.nodes.map(({ address }: { address: string }) => address)).toEqual(["10.0.0.3"]);
    expect(plan.cluster.workerHosts).toEqual(["1.1.1.2", "10.0.0.3"]);
  });
});
