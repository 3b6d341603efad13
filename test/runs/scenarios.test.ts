import { afterEach, describe, expect, it } from "vitest";

import { printRunbook } from "../../provider/reconcile/print.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { enter, play, scenarios, staged } from "./scenarios.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("bringUp() and bringDown()", () => {
  it.each(scenarios)(
    "$name: get there, disturb only who is concerned, and then find nothing to do",
    async (scenario) => {
      const { cluster, ...on } = await enter(await staged(scenario), scenario);
      fleet = on.fleet;

      const done = await play(cluster, scenario);
      const touched = touchedMachines(fleet);
      const again = await play(cluster, scenario);

      expect(printRunbook(again.runbook)).toBe("Nothing to do\n");
      expect(done.runbook).not.toEqual([]);
      expect(touched).toEqual(scenario.touches.map((index) => `node-${index}`));
      fleet.invariants.assertHeld();
    },
  );
});

/** Machines on which something else than the containers of a moment was made, stopped or removed. */
function touchedMachines({ journal }: Fleet): readonly string[] {
  const touching = journal.events.filter(
    ({ kind, what, by }) => by === "client" && kind.startsWith("container ") && !what.startsWith("pulumi-rke-"),
  );
  return [...new Set(touching.map(({ node }) => node))].sort();
}
