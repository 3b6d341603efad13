import { describe, expect, it } from "vitest";

import { down } from "../../../provider/reconcile/down.ts";
import { aWorld, linesOf, master, nodesOf, worker } from "../../support/facts.ts";

const nodes = nodesOf(master, worker, worker);

describe("down()", () => {
  it("cleans every machine", async () => {
    const world = await aWorld({ args: { nodes } });

    expect(linesOf(down(world))).toEqual([
      "Clean nodes: 10.0.0.1 clean the machine",
      "Clean nodes: 10.0.0.2 clean the machine",
      "Clean nodes: 10.0.0.3 clean the machine",
    ]);
  });

  it("cleans machines that were to leave, too", async () => {
    const world = await aWorld({ args: { nodes: nodes.slice(0, 1) }, before: { nodes } });

    expect(linesOf(down(world))).toContain("Clean nodes: 10.0.0.3 clean the machine");
  });

  it("tells of a machine that does not answer, and leaves one alone that is clean", async () => {
    const world = await aWorld({
      args: { nodes },
      since: (cluster) => {
        cluster.machine("10.0.0.1").answers = "to nobody";
        cluster.wipe("10.0.0.2");
      },
    });

    expect(linesOf(down(world))).toEqual([
      "Clean nodes: 10.0.0.3 clean the machine",
      "Leave machines that do not answer: 10.0.0.1 leave the machine uncleaned, since it does not answer",
    ]);
  });

  it("has nothing to do when all is clean", async () => {
    const world = await aWorld({ args: { nodes }, before: "none" });

    expect(down(world)).toEqual([]);
  });
});
