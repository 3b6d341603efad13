import { cloudProviderKind } from "../defaults/cloud-provider.ts";
import { nearestName } from "../nearest-name.ts";
import { quoted } from "../quoted.ts";
import { type Draft, failure, type Verdict, warning } from "./draft.ts";

const at = (key: string) => ["cloudProvider", key];

const blocks = {
  aws: "awsCloudProvider",
  azure: "azureCloudProvider",
  openstack: "openstackCloudProvider",
  vsphere: "vsphereCloudProvider",
  harvester: "harvesterCloudProvider",
  custom: "customCloudProvider",
} as const;

const knownNames = ["aws", "azure", "openstack", "vsphere", "harvester", "external", "external-aws"];

/** The cloud provider: its name, the block that belongs to it, and whether this Kubernetes still has it. */
export function* cloudProviderRules({ given, config, release }: Draft): Generator<Verdict> {
  const provider = given.cloudProvider ?? {};
  const name = provider.name ?? "";
  const kind = cloudProviderKind(provider);

  if (config.cloudProvider.name === "aws" && release !== undefined && !release.inTreeAws) {
    const isByBlock = name !== "aws";
    const why = isByBlock ? 'The block makes the provider "aws", which' : 'The provider "aws"';
    const reason = `${why} is not part of Kubernetes ${release.kubernetesVersion}: use "external-aws" without awsCloudProvider`;
    yield failure(at(isByBlock ? "awsCloudProvider" : "name"), reason, [
      ["kubernetesVersion"],
      at("name"),
      at("awsCloudProvider"),
    ]);
  }
  if (provider.awsCloudProvider?.serviceOverride !== undefined) {
    const reason = "RKE cannot write this part of the configuration: remove it, or use customCloudProvider";
    yield failure(["cloudProvider", "awsCloudProvider", "serviceOverride"], reason);
  }
  for (const needy of ["azure", "openstack", "vsphere", "harvester"] as const) {
    if (name !== needy || provider[blocks[needy]] !== undefined) continue;
    yield failure(at(blocks[needy]), `The provider "${needy}" needs this block: it is missing`, [at("name")]);
  }
  if (provider.customCloudProvider && name === "") {
    yield failure(at("name"), "The name is missing: a configuration of your own needs one", [
      at("customCloudProvider"),
    ]);
  }
  yield* choiceRules({ given, kind, name });
}

interface Choice {
  readonly given: Draft["given"];
  readonly kind: ReturnType<typeof cloudProviderKind>;
  readonly name: string;
}

function* choiceRules({ given, kind, name }: Choice): Generator<Verdict> {
  const provider = given.cloudProvider ?? {};
  for (const [owner, block] of Object.entries(blocks)) {
    if (kind === undefined || !provider[block] || owner === kind) continue;
    yield warning(at(block), `The block has no effect beside ${blocks[kind]}, which RKE takes`, [
      at("name"),
      at(blocks[kind]),
    ]);
  }
  if (name !== "" && kind !== "custom" && !knownNames.includes(name)) {
    const meant = nearestName(name, knownNames);
    const instead = meant === undefined ? `RKE knows ${knownNames.join(", ")}` : `did you mean "${meant}"?`;
    yield warning(at("name"), `The provider ${quoted(name)} is passed on without a configuration: ${instead}`, [
      at("customCloudProvider"),
    ]);
  }
  if (provider.useInstanceMetadataHostname && name !== "aws" && name !== "external-aws" && kind !== "aws") {
    const reason = 'useInstanceMetadataHostname has an effect with "aws" and "external-aws" only';
    yield warning(at("useInstanceMetadataHostname"), reason, [at("name")]);
  }
}
