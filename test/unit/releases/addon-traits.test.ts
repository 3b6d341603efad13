import { describe, expect, it } from "vitest";

import {
  builtTemplate,
  calicoTraits,
  ingressNginxTraits,
  metricsServerTraits,
} from "../../../provider/releases/addon-traits.ts";
import { releaseOf } from "../../../provider/releases/index.ts";

describe("calicoTraits()", () => {
  it.each([
    ["canal-v3.26.1-rancher2", false],
    ["canal-v3.27.0", false],
    ["canal-v3.27.4", true],
    ["canal-v3.28.0", false],
    ["calico-v3.28.1", true],
  ])("knows whether %s makes directories", (template, makesDirectories) => {
    expect(calicoTraits(template)).toMatchObject({ makesDirectories });
  });

  it("has tiers from 3.29 on, and staged policies from 3.30.2 on", () => {
    expect(calicoTraits("canal-v3.28.1")).toMatchObject({ hasTiers: false, hasStagedPolicies: false });
    expect(calicoTraits("canal-v3.29.0")).toMatchObject({ hasTiers: true, hasStagedPolicies: false });
    expect(calicoTraits("canal-v3.30.2")).toMatchObject({ hasTiers: true, hasStagedPolicies: true });
  });
});

describe("ingressNginxTraits()", () => {
  it("compares versions as numbers, not as texts", () => {
    expect(ingressNginxTraits("nginxingress-v1.9.4-rancher1")).toMatchObject({
      version: "1.9.4",
      hasPartLabels: false,
    });
    expect(ingressNginxTraits("nginxingress-v1.11.3-rancher1")).toMatchObject({ hasPartLabels: true });
  });
});

describe("metricsServerTraits()", () => {
  it("has the port of its version", () => {
    expect([
      metricsServerTraits("metricsserver-v0.6.1").port,
      metricsServerTraits("metricsserver-v0.7.0").port,
    ]).toEqual([4443, 10250]);
  });
});

describe("builtTemplate()", () => {
  it.each([
    "v1.28.15-rancher1-1",
    "v1.29.15-rancher1-1",
    "v1.30.14-rancher1-1",
    "v1.31.6-rancher1-1",
    "v1.32.6-rancher1-1",
  ])("has a manifest of every addon but aci for %s", (version) => {
    const release = releaseOf(version);
    const names = Object.keys(release.templates).filter((name) => name !== "aci") as (keyof typeof release.templates)[];

    expect(names.length).toBeGreaterThan(7);
    expect(names.filter((name) => builtTemplate(release, name) === undefined)).toEqual([]);
  });

  it("is not taken in by names that go by the version of Kubernetes", () => {
    expect(builtTemplate({ templates: { nginxIngress: "nginxingress-v1.15.12" } }, "nginxIngress")).toBeUndefined();
    expect(builtTemplate({ templates: { metricsServer: "metricsserver-v1.20" } }, "metricsServer")).toBeUndefined();
  });
});
