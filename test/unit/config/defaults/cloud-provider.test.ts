import { describe, expect, it } from "vitest";

import { withDefaults } from "../with-defaults.ts";

describe("applyDefaults() for the cloud provider", () => {
  it.each([
    ["no name", { awsCloudProvider: {} }, "aws"],
    ["no name", { vsphereCloudProvider: {} }, "vsphere"],
    ["no name", { harvesterCloudProvider: {} }, "external"],
    ["several blocks", { azureCloudProvider: {}, openstackCloudProvider: {} }, "openstack"],
    ["a name and a block for it", { name: "external", vsphereCloudProvider: {} }, "external"],
    ["a name that AWS overrules", { name: "external-aws", awsCloudProvider: {} }, "aws"],
    ["a name that Harvester overrules", { name: "harvester", harvesterCloudProvider: {} }, "external"],
    ["a configuration of one's own", { name: "acme", customCloudProvider: "x" }, "acme"],
    ["only a name", { name: "external-aws" }, "external-aws"],
    ["nothing", {}, undefined],
  ])("settles the name for %s: %j", (_, cloudProvider, name) => {
    expect(withDefaults({ cloudProvider }).cloudProvider.name).toBe(name);
  });

  it.each([
    [{ name: "aws" }, false],
    [{ name: "aws", useInstanceMetadataHostname: true }, true],
    [{ name: "external-aws" }, undefined],
  ])("names nodes of AWS as we do, unless told: %j", (cloudProvider, own) => {
    expect(withDefaults({ cloudProvider }).cloudProvider.useInstanceMetadataHostname).toBe(own);
  });
});
