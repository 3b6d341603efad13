import type { ClusterConfig } from "../cluster-config.ts";
import type { ParsedCluster } from "../schema/cluster.ts";

type CloudProvider = NonNullable<ParsedCluster["cloudProvider"]>;

/** Where the text of the cloud configuration comes from. */
export type CloudProviderKind = "aws" | "azure" | "openstack" | "vsphere" | "harvester" | "custom";

/** Settles the provider's name: a block without a name brings its own, and of several blocks RKE takes the last. */
export function cloudProviderDefaults(given: CloudProvider): ClusterConfig["cloudProvider"] {
  const kind = cloudProviderKind(given);
  const named = kind === undefined || kind === "custom" ? given : { ...given, name: nameOf(kind, given.name) };
  const isAws = given.name === "aws" || named.name === "aws";
  if (!isAws || given.useInstanceMetadataHostname !== undefined) return named;
  return { ...named, useInstanceMetadataHostname: false };
}

/** Which block makes the cloud configuration; undefined for `external` and for no provider. */
export function cloudProviderKind(given: CloudProvider): CloudProviderKind | undefined {
  const matches: readonly [CloudProviderKind, boolean][] = [
    ["aws", given.name === "aws" || given.awsCloudProvider !== undefined],
    ["azure", given.name === "azure" || given.azureCloudProvider !== undefined],
    ["openstack", given.name === "openstack" || given.openstackCloudProvider !== undefined],
    ["vsphere", given.name === "vsphere" || given.vsphereCloudProvider !== undefined],
    ["harvester", given.name === "harvester" || given.harvesterCloudProvider !== undefined],
    ["custom", (given.customCloudProvider ?? "") !== ""],
  ];
  return matches.findLast(([, matched]) => matched)?.[0];
}

/** With a name, a block is only the text for a provider of that name, such as `external`; AWS and Harvester insist. */
function nameOf(kind: Exclude<CloudProviderKind, "custom">, given: string | undefined): string {
  if (kind === "aws") return "aws";
  return kind === "harvester" ? "external" : given || kind;
}
