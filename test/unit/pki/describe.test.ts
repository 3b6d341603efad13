import { describe, expect, it } from "vitest";

import { describeBundle, expiries } from "../../../provider/pki/describe.ts";
import { aBundle, aSubject, daysLater } from "./world.ts";

describe("describeBundle()", () => {
  it("describeBundle() holds no key, whole or in base64", async () => {
    const bundle = await aBundle();

    const text = JSON.stringify(describeBundle(bundle));

    expect(text).not.toMatch(/PRIVATE|LS0tLS1CRUdJTi/);
  });
});

describe("expiries()", () => {
  it("expiries() begins with what ends first", async () => {
    const bundle = await aBundle();
    const later = await aBundle(aSubject(), { clock: () => daysLater(10) });
    const old = Object.fromEntries(Object.entries(bundle).filter(([name]) => name === "kube-proxy"));

    const [first, second] = expiries({ ...later, ...old });

    expect(first?.name).toBe("kube-proxy");
    expect(second?.notAfter.getTime()).toBeGreaterThan(first?.notAfter.getTime() ?? 0);
  });
});
