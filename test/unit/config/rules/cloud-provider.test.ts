import { describe, it } from "vitest";

import { accepts, refuses, warns } from "../../../support/findings.ts";

describe("cloudProviderRules()", () => {
  const old = { kubernetesVersion: "v1.26.15-rancher1-1" };

  it.each([
    [{ cloudProvider: { name: "aws" } }, 'cloudProvider.name: The provider "aws" is not part of Kubernetes v1.32.6'],
    [
      { cloudProvider: { name: "external-aws", awsCloudProvider: {} } },
      'cloudProvider.awsCloudProvider: The block makes the provider "aws", which is not part',
    ],
    [
      { ...old, cloudProvider: { awsCloudProvider: { serviceOverride: {} } } },
      "serviceOverride: RKE cannot write this part",
    ],
    [{ cloudProvider: { name: "azure" } }, 'azureCloudProvider: The provider "azure" needs this block'],
    [{ cloudProvider: { name: "openstack" } }, 'openstackCloudProvider: The provider "openstack" needs this block'],
    [{ cloudProvider: { name: "vsphere" } }, 'vsphereCloudProvider: The provider "vsphere" needs this block'],
    [{ cloudProvider: { name: "harvester" } }, 'harvesterCloudProvider: The provider "harvester" needs this block'],
    [{ cloudProvider: { customCloudProvider: "x" } }, "cloudProvider.name: The name is missing"],
  ])("refuses %j", refuses);

  it.each([
    [
      { cloudProvider: { name: "azure", azureCloudProvider: {}, customCloudProvider: "x" } },
      "azureCloudProvider: The block has no effect beside customCloudProvider",
    ],
    [
      { cloudProvider: { name: "vspere" } },
      'The provider "vspere" is passed on without a configuration: did you mean "vsphere"?',
    ],
    [
      { cloudProvider: { name: "external", useInstanceMetadataHostname: true } },
      'has an effect with "aws" and "external-aws" only',
    ],
  ])("warns of %j", warns);

  it.each([
    { ...old, cloudProvider: { name: "aws" } },
    { ...old, cloudProvider: { awsCloudProvider: { global: { zone: "a" } } } },
    { cloudProvider: { azureCloudProvider: { cloud: "x" } } },
    { cloudProvider: { name: "external-aws", useInstanceMetadataHostname: true } },
    { cloudProvider: { name: "acme", customCloudProvider: "x" } },
    { cloudProvider: { harvesterCloudProvider: { cloudConfig: "x" } } },
  ])("accepts %j", accepts);
});
