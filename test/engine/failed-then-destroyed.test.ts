import { describe, expect, it } from "vitest";

import { leftOn } from "../fleet/left-on.ts";
import { failedCreation, someMoments } from "./failed-creation.ts";

describe("a creation that fails while it", () => {
  it.for(someMoments)("$phase can be destroyed, and leaves nothing", async (moment, { onTestFinished }) => {
    const { fleet, stack } = await failedCreation(moment, onTestFinished);
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    const destroy = await stack.destroy();

    expect(destroy.failure).toBeUndefined();
    expect(leftOn(fleet)).toEqual([]);
  });
});
