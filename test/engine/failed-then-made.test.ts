import { describe, expect, it } from "vitest";

import { failedCreation, someMoments } from "./failed-creation.ts";

describe("a creation that fails while it", () => {
  it.for(someMoments)("$phase can be refreshed and goes on", async (moment, { onTestFinished }) => {
    const { fleet, stack } = await failedCreation(moment, onTestFinished);

    const refresh = await stack.refresh();
    const up = await stack.up();

    expect(refresh.failure).toBeUndefined();
    expect(up.failure).toBeUndefined();
    expect(up.outputs.kubeconfig).toContain("client-certificate-data");
    expect(await stack.preview()).toMatchObject({ failure: undefined, changes: {} });
    fleet.invariants.assertHeld();
  });
});
