import { describe, expect, it } from "vitest";

import { readCluster } from "../../../provider/cli/read-cluster.ts";
import { readerOf, threeNodes } from "./world.ts";

const read = (content: string, options: Parameters<typeof readCluster>[1] = {}) =>
  readCluster("c.yml", options, readerOf({ "c.yml": content, "d.json": '{"10.0.0.1": {"serverVersion": "1.0"}}' }));

describe("readCluster()", () => {
  it("readCluster() has a cluster where nothing is wrong", () => {
    const { cluster, failures, warnings } = read(threeNodes);

    expect([cluster?.config.nodes.length, failures, warnings]).toEqual([3, [], []]);
  });

  it("readCluster() has none where only a strict reading finds fault", () => {
    expect(read(`${threeNodes}x: 1\n`, { strict: true }).cluster).toBeUndefined();
  });

  it("readCluster() has none where an engine is not right", () => {
    const { cluster, failures } = read(threeNodes, { docker: "d.json" });

    expect([cluster, failures.map(({ path }) => path)]).toEqual([undefined, [["nodes", 0]]]);
  });

  it("readCluster() sorts what it finds by line, and what has none comes first", () => {
    const { failures } = read(
      "network: {plugin: x}\nnodes:\n- {address: a, user: u, role: [etc]}\ningress: {provider: y}\n",
    );

    const lines = failures.map(({ line }) => line ?? 0);
    expect(lines.length).toBeGreaterThan(2);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
  });
});
