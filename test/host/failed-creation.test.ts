import { afterEach, describe, expect, it } from "vitest";

import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { leftOn } from "../fleet/left-on.ts";
import { loseAt, type Moment, moments } from "./moments.ts";
import { registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("a creation that fails while it", () => {
  it.for(moments)("$phase goes on", async (moment) => {
    const stack = await failed(moment);

    await stack.refresh();
    await stack.up(registered(fleet, moment.nodes));

    expect(await stack.preview(registered(fleet, moment.nodes))).toEqual({ changes: false, text: "" });
    fleet.invariants.assertHeld();
  });

  it.for(moments)("$phase can be taken away, and leaves nothing", async (moment) => {
    const stack = await failed(moment);
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    await stack.destroy();

    expect(leftOn(fleet)).toEqual([]);
  });
});

/** A creation that has lost its machines at that moment, and has them back. */
async function failed(moment: Moment): Promise<Stack> {
  fleet = await aFleet({ nodes: Object.keys(moment.nodes).length });
  const stack = new Stack();
  loseAt(moment, fleet);
  await expect(stack.up(registered(fleet, moment.nodes))).rejects.toThrow();
  expect(fleet.faults.isDead).toBe(true);
  fleet.revive();
  return stack;
}
