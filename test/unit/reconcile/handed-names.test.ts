import { describe, expect, it } from "vitest";

import { up } from "../../../provider/reconcile/up.ts";
import { aWorld, threeAndTwo } from "../../support/facts.ts";

const nodes = threeAndTwo;

const renamed = (names: Readonly<Record<string, string>>) =>
  nodes.map((node) => ({ ...node, hostnameOverride: names[node.address] ?? node.hostnameOverride }));

describe("up() for machines that get other names", () => {
  it("refuses to hand a name over between machines that stay: both would speak for one Node", async () => {
    const swapped = renamed({ "10.0.0.4": "node-5", "10.0.0.5": "node-4" });
    const world = await aWorld({ args: { nodes: swapped }, before: { nodes } });

    expect(() => up(world)).toThrow(
      'Cannot call 10.0.0.4 "node-5": 10.0.0.5 is called so, and is to be called "node-4"',
    );
  });

  it("gives the name of a machine that leaves to another one that stays", async () => {
    const after = renamed({ "10.0.0.4": "node-5" }).slice(0, 4);
    const world = await aWorld({ args: { nodes: after }, before: { nodes } });

    expect(() => up(world)).not.toThrow();
  });
});
