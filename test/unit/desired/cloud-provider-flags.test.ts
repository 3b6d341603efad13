import { describe, expect, it } from "vitest";

import {
  cloudConfigEnv,
  cloudProviderFlags,
  takesNameFromMetadata,
} from "../../../provider/desired/cloud-provider-flags.ts";
import { aClusterContext } from "./world.ts";

describe("cloudProviderFlags()", () => {
  it.each([
    ["no provider", {}, { "cloud-provider": "" }],
    [
      "external",
      { name: "external" },
      { "cloud-provider": "external", "cloud-config": "/etc/kubernetes/cloud-config" },
    ],
    [
      "external-aws",
      { name: "external-aws" },
      { "cloud-provider": "external", "cloud-config": "/etc/kubernetes/cloud-config" },
    ],
    [
      "harvester",
      { name: "harvester", harvesterCloudProvider: { cloudConfig: "x" } },
      { "cloud-provider": "external", "cloud-config": "/etc/kubernetes/cloud-config" },
    ],
  ])("cloudProviderFlags() tells components of %s", (_, cloudProvider, expected) => {
    expect(cloudProviderFlags(aClusterContext({ cloudProvider }))).toEqual(expected);
  });

  it("cloudProviderFlags() takes another path for the configuration", () => {
    const cluster = aClusterContext({ cloudProvider: { name: "external" } });

    expect(cloudProviderFlags(cluster, "c:/x")["cloud-config"]).toBe("c:/x");
  });
});

describe("cloudConfigEnv()", () => {
  it("cloudConfigEnv() is empty without a provider, and the checksum of an empty text for one without a configuration", () => {
    const variables = [{}, { name: "external" }].map((cloudProvider) =>
      cloudConfigEnv(aClusterContext({ cloudProvider })),
    );

    expect(variables).toEqual([
      [],
      ["RKE_CLOUD_CONFIG_CHECKSUM=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ]);
  });

  it("cloudConfigEnv() changes with the text of the configuration", () => {
    const [one, other] = ["one", "other"].map((customCloudProvider) =>
      cloudConfigEnv(aClusterContext({ cloudProvider: { name: "x", customCloudProvider } })),
    );

    expect(one).not.toEqual(other);
  });
});

describe("takesNameFromMetadata()", () => {
  it.each([
    [{ name: "external-aws", useInstanceMetadataHostname: true }, true],
    [{ name: "external-aws", useInstanceMetadataHostname: false }, false],
    [{ name: "external-aws" }, false],
    [{ name: "external", useInstanceMetadataHostname: true }, false],
  ])("takesNameFromMetadata() for %j is %s", (cloudProvider, expected) => {
    expect(takesNameFromMetadata(aClusterContext({ cloudProvider }), ["aws", "external-aws"])).toBe(expected);
  });
});
