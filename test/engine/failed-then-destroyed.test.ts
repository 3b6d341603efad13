import { afterEach, describe, expect, it } from "vitest";

import type { Fleet } from "../fleet/fleet.ts";
import { failedCreation, moments } from "./failed-creation.ts";
import { leftOn } from "./machines.ts";
import type { EngineStack } from "./stack.ts";

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

describe("a creation that fails while it", () => {
  it.each(moments)("%s can be destroyed, and leaves nothing", async (_, isReached, nodes) => {
    ({ fleet, stack } = await failedCreation(isReached, nodes));
    for (const invariant of ["quorum", "control plane", "workers"] as const) fleet.invariants.suspend(invariant);

    const destroy = await stack.destroy();

    expect(destroy.failure).toBeUndefined();
    expect(leftOn(fleet)).toEqual([]);
  });
});
