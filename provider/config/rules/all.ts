import { aciRules } from "./aci.ts";
import { addonManifestRules } from "./addon-manifests.ts";
import { addonSettingRules } from "./addon-settings.ts";
import { addonRules } from "./addons.ts";
import { authenticationRules } from "./authentication.ts";
import { cloudProviderRules } from "./cloud-provider.ts";
import { connectionRules } from "./connection.ts";
import type { Rule } from "./draft.ts";
import { etcdRules } from "./etcd.ts";
import { imageRules } from "./images.ts";
import { kubeApiRules } from "./kube-api.ts";
import { labelAndTaintRules } from "./labels-taints.ts";
import { networkRules } from "./network.ts";
import { nodeDuplicateRules, nodeRules } from "./nodes.ts";
import { planeRules } from "./planes.ts";
import { rangeRules } from "./ranges.ts";
import { registryRules } from "./registries.ts";
import { rolloutRules, upgradeRules } from "./rollout.ts";
import { serviceRules } from "./services.ts";
import { versionRules } from "./versions.ts";

/** Everything that is checked beyond the shape, in the order in which people are told. */
export const allRules: readonly Rule[] = [
  versionRules,
  nodeRules,
  nodeDuplicateRules,
  planeRules,
  labelAndTaintRules,
  connectionRules,
  rangeRules,
  networkRules,
  aciRules,
  serviceRules,
  etcdRules,
  kubeApiRules,
  authenticationRules,
  cloudProviderRules,
  imageRules,
  registryRules,
  addonSettingRules,
  addonManifestRules,
  addonRules,
  rolloutRules,
  upgradeRules,
];
