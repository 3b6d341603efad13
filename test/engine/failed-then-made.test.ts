import { describe, expect, it } from "vitest";

import { failedCreation, moments } from "./failed-creation.ts";

describe("a creation that fails while it", () => {
  it.for(moments)("%s can be refreshed and goes on", async ([, isReached, nodes], { onTestFinished }) => {
    const { fleet, stack } = await failedCreation({ isReached, nodes, onTestFinished });

    const refresh = await stack.refresh();
    const up = await stack.up();

    expect(refresh.failure).toBeUndefined();
    expect(up.failure).toBeUndefined();
    expect(up.outputs.kubeconfig).toContain("client-certificate-data");
    expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
    fleet.invariants.assertHeld();
  });
});
