import { beforeAll, describe, expect, it } from "vitest";

import type { Bundle } from "../../../provider/pki/bundle.ts";
import { expiryNotices } from "../../../provider/resources/expiry-notices.ts";
import { aBundle, daysLater, NOW } from "../pki/world.ts";
import { withShortLived } from "./short-lived.ts";

let bundle: Bundle;
beforeAll(async () => {
  bundle = await aBundle();
});

const everything = () => true;

describe("expiryNotices()", () => {
  it("is silent about certificates that live long", () => {
    expect(expiryNotices(bundle, { now: NOW, isOurs: everything })).toEqual([]);
  });

  it("names what this update issues again", () => {
    const short = withShortLived(bundle, "kube-node", { now: NOW, days: 20 });

    const notices = expiryNotices(short, { now: NOW, isOurs: everything });

    expect(notices).toEqual([
      "certificates: kube-node ends on 2026-12-11. This update issues what is named here again",
    ]);
  });

  it("says what has ended already", () => {
    const short = withShortLived(bundle, "kube-node", { now: NOW, days: 20 });

    const [notice] = expiryNotices(short, { now: daysLater(21), isOurs: everything });

    expect(notice).toContain("kube-node has ended on 2026-12-11");
  });

  it("says what comes to its end, and what makes it new", () => {
    const short = withShortLived(bundle, "kube-node", { now: NOW, days: 60 });

    const [notice] = expiryNotices(short, { now: NOW, isOurs: everything });

    expect(notice).toContain(
      "kube-node ends on 2027-01-20. In the last 30 days before its end, pulumi up issues each again",
    );
  });

  it("names a few of many", () => {
    const names = [
      "kube-node",
      "kube-proxy",
      "kube-scheduler",
      "kube-controller-manager",
      "kube-admin",
      "kube-apiserver",
    ];
    const short = names.reduce((rest, name, days) => withShortLived(rest, name, { now: NOW, days }), bundle);

    const [notice] = expiryNotices(short, { now: NOW, isOurs: everything });

    expect(notice).toMatch(/kube-admin ends on 2026-11-25, and 1 more after that\./);
  });

  it("leaves to others what is theirs", () => {
    const short = withShortLived(bundle, "kube-admin", { now: NOW, days: 20 });

    expect(expiryNotices(short, { now: NOW, isOurs: (name) => name !== "kube-admin" })).toEqual([]);
  });

  it("speaks of the CAs in their last year, and not of what ends with them", () => {
    const notices = expiryNotices(bundle, { now: daysLater(3640), isOurs: everything });

    expect(notices).toHaveLength(2);
    expect(notices[0]).toMatch(/^warning: the CA kube-ca ends on 2036-11-18, and with it every certificate/);
  });

  it("has nothing to say about a cluster without certificates", () => {
    expect(expiryNotices({}, { now: NOW, isOurs: everything })).toEqual([]);
  });
});
