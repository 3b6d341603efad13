import { describe, expect, it } from "vitest";

import { failedCreation, moments } from "./failed-creation.ts";
import { leftOn } from "./machines.ts";

describe("a creation that fails while it", () => {
  it.for(moments)("%s can be destroyed, and leaves nothing", async ([, isReached, nodes], { onTestFinished }) => {
    const { fleet, stack } = await failedCreation({ isReached, nodes, onTestFinished });
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    const destroy = await stack.destroy();

    expect(destroy.failure).toBeUndefined();
    expect(leftOn(fleet)).toEqual([]);
  });
});
