import { afterEach, describe, expect, it } from "vitest";

import type { Fleet } from "../fleet/fleet.ts";
import { failedCreation, moments } from "./failed-creation.ts";
import type { EngineStack } from "./stack.ts";

let fleet: Fleet;
let stack: EngineStack;
afterEach(async () => {
  await stack.close();
  await fleet.close();
});

describe("a creation that fails while it", () => {
  it.each(moments)("%s can be refreshed and goes on", async (_, isReached, nodes) => {
    ({ fleet, stack } = await failedCreation(isReached, nodes));

    const refresh = await stack.refresh();
    const up = await stack.up();

    expect(refresh.failure).toBeUndefined();
    expect(up.failure).toBeUndefined();
    expect(up.outputs.kubeconfig).toContain("client-certificate-data");
    expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
    fleet.invariants.assertHeld();
  });
});
