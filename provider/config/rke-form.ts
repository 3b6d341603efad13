import type { ClusterConfig } from "./cluster-config.ts";
import { releaseOfConfig } from "./release-of-config.ts";
import { configType } from "./rke-form/config-type.ts";
import { readState } from "./rke-form/read-state.ts";
import { stateOf } from "./rke-form/state-of.ts";
import { yamlOf } from "./rke-form/yaml-of.ts";

/** A configuration in RKE's own spelling. Holds every password and private key of the cluster in clear. */
export type RkeForm = Readonly<Record<string, unknown>>;

/**
 * The configuration as RKE writes it into `desiredState.rkeConfig` of a `cluster.rkestate`. Contains secrets in clear:
 * keys for SSH, passwords of registries and clouds, encryption keys.
 */
export function stateForm(config: ClusterConfig): RkeForm {
  return stateOf(asRkeHolds(config), configType) as RkeForm;
}

/**
 * The configuration as RKE prints it: keys of cluster.yml with every default spelled out, and Kubernetes types under
 * lower-cased Go names, which RKE does not read back. Contains the same secrets in clear as `stateForm`.
 */
export function yamlForm(config: ClusterConfig): RkeForm {
  return yamlOf(asRkeHolds(config), configType) as RkeForm;
}

/**
 * The arguments that a `rkeConfig` of a state file stands for, not checked yet; secrets are in clear. Keys that RKE
 * 1.8 does not know are dropped, as RKE drops them; a value of the wrong kind stays, for the schema to refuse.
 */
export function fromStateForm(rkeConfig: unknown): unknown {
  return readState(rkeConfig, configType);
}

/** RKE has two settings with a third value, "not given": its command line settles one, the other stays open before 1.24. */
function asRkeHolds(config: ClusterConfig): object {
  const { kubernetesVersion, systemImages, enableCriDockerd } = config;
  const isOpen = !enableCriDockerd && !releaseOfConfig({ kubernetesVersion, systemImages }).criDockerd.byDefault;
  return {
    ...config,
    ignoreDockerVersion: config.ignoreDockerVersion ?? false,
    enableCriDockerd: isOpen ? undefined : enableCriDockerd,
  };
}
