import { describe, expect, it } from "vitest";

import { cloudConfigFile } from "../../../../provider/desired/files/cloud-config.ts";

describe("cloudConfigFile()", () => {
  it.each([
    ["no provider", {}, undefined],
    ["an empty name", { name: "" }, undefined],
    ["external", { name: "external" }, ""],
    ["external-aws", { name: "external-aws" }, ""],
    ["a name of its own without a text", { name: "mine" }, ""],
    ["aws without a block", { name: "aws" }, ""],
    [
      "harvester",
      { name: "external", harvesterCloudProvider: { cloudConfig: "apiVersion: v1\n" } },
      "apiVersion: v1\n",
    ],
    ["a text of its own", { name: "mine", customCloudProvider: "[Global]\n a=b" }, "[Global]\n a=b"],
  ])("cloudConfigFile() for %s", (_, provider, expected) => {
    expect(cloudConfigFile(provider)).toBe(expected);
  });

  it("cloudConfigFile() for aws has the settings that are given, in one section", () => {
    const awsCloudProvider = { global: { zone: "eu-west-1a", kubernetesClusterId: "c", disableStrictZoneCheck: true } };

    expect(cloudConfigFile({ name: "aws", awsCloudProvider })).toBe(
      "[Global]\nZone                   = eu-west-1a\nKubernetesClusterID    = c\nDisableStrictZoneCheck = true\n\n",
    );
  });

  it("cloudConfigFile() for aws with an empty block has an empty section", () => {
    expect(cloudConfigFile({ name: "aws", awsCloudProvider: {} })).toBe("[Global]\n\n");
  });

  it("cloudConfigFile() for openstack has all five sections", () => {
    const openstackCloudProvider = {
      global: { authUrl: "https://keystone:5000/v3", username: "u", password: "p #;=x", domainName: "default" },
      loadBalancer: { useOctavia: true, subnetId: "s", createMonitor: false, monitorMaxRetries: 3, monitorDelay: "5s" },
      blockStorage: { bsVersion: "v3", ignoreVolumeAz: true },
      route: { routerId: "r" },
      metadata: { searchOrder: "configDrive,metadataService", requestTimeout: 10 },
    };

    expect(cloudConfigFile({ name: "openstack", openstackCloudProvider })).toMatchInlineSnapshot(`
      "[Global]
      auth-url    = https://keystone:5000/v3
      username    = u
      password    = p #;=x
      domain-name = default

      [LoadBalancer]
      use-octavia         = true
      subnet-id           = s
      monitor-delay       = 5s
      monitor-max-retries = 3

      [BlockStorage]
      bs-version       = v3
      ignore-volume-az = true

      [Route]
      router-id = r

      [Metadata]
      search-order    = configDrive,metadataService
      request-timeout = 10

      "
    `);
  });

  it("cloudConfigFile() for openstack keeps sections that have nothing in them", () => {
    const openstackCloudProvider = { global: { authUrl: "a" } };

    expect(cloudConfigFile({ name: "openstack", openstackCloudProvider })).toBe(
      "[Global]\nauth-url = a\n\n[LoadBalancer]\n\n[BlockStorage]\n\n[Route]\n\n[Metadata]\n\n",
    );
  });

  it("cloudConfigFile() for azure is JSON that has every setting but the optional ones", () => {
    const text = cloudConfigFile({ name: "azure", azureCloudProvider: { tenantId: "t", cloudProviderBackoff: true } });

    const settings = JSON.parse(text ?? "");
    expect(settings).toMatchObject({
      cloud: "",
      tenantId: "t",
      cloudProviderBackoff: true,
      cloudProviderRateLimitQPS: 0,
    });
    expect(Object.keys(settings)).not.toContain("tags");
    expect(Object.keys(settings)).not.toContain("excludeMasterFromStandardLB");
  });

  it("cloudConfigFile() for azure writes optional settings that are given, also as false", () => {
    const azureCloudProvider = { excludeMasterFromStandardLB: false, loadBalancerSku: "standard", tags: "" };

    const settings = JSON.parse(cloudConfigFile({ name: "azure", azureCloudProvider }) ?? "");

    expect([settings.excludeMasterFromStandardLB, settings.loadBalancerSku, settings.tags]).toEqual([
      false,
      "standard",
      undefined,
    ]);
  });

  it("cloudConfigFile() for azure has an empty line between settings, and escapes what Go escapes", () => {
    const text = cloudConfigFile({ name: "azure", azureCloudProvider: { aadClientSecret: 'a"<b>&c' } });

    expect(text).toMatch(/^\{\n\n"cloud": "",\n\n"tenantId": "",\n\n/);
    expect(text).toContain('"aadClientSecret": "a\\"\\u003cb\\u003e\\u0026c",');
  });

  it("cloudConfigFile() takes the block that RKE takes when there are several: the last in its order", () => {
    const provider = {
      name: "vsphere",
      awsCloudProvider: { global: { zone: "z" } },
      vsphereCloudProvider: { global: { user: "u" } },
    };

    expect(cloudConfigFile(provider)).toContain('user = "u"');
  });
});
