import { afterEach, describe, expect, it } from "vitest";

import { fromRkeState } from "../../provider/pki/rke-state.ts";
import { identityText } from "../../provider/resources/identity-bundle.ts";
import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { withShortLived } from "../unit/resources/short-lived.ts";
import { all, registered, Stack } from "./on-fleet.ts";

let fleet: Fleet;
afterEach(async () => fleet.close());

describe("RkeCluster, when certificates come to their end", () => {
  it("says so in the preview, and issues them again with the same keys", async () => {
    fleet = await aFleet({ nodes: 1 });
    const stack = new Stack();
    const inputs = registered(fleet, { "node-1": all });
    await stack.up(inputs);
    const now = new Date();
    const before = certificatesIn(stack);
    stack.state.certificates = identityText(withShortLived(before, "kube-node", { now, days: 20 }));

    const { changes, text } = await stack.preview(inputs);
    await stack.up(inputs);

    expect(changes).toBe(true);
    expect(text).toMatch(/^prod {2}certificates: kube-node ends on .*\. This update issues/);
    expect(text).toContain("write");
    const expiry = stack.state.certificateExpiry as Readonly<Record<string, string>>;
    expect(Date.parse(expiry["kube-node"] ?? "") - now.getTime()).toBeGreaterThan(3600 * 24 * 3_600_000);
    expect(certificatesIn(stack)["kube-node"]?.key?.unwrap()).toBe(before["kube-node"]?.key?.unwrap());
    expect(await stack.preview(inputs)).toEqual({ changes: false, text: "" });
  });
});

const certificatesIn = (stack: Stack) => fromRkeState(JSON.parse(String(stack.state.certificates)));
