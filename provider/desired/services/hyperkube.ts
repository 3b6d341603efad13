import type { PlannedContainer } from "../container-spec.ts";
import { commandLine, type FlagLayers } from "../flags.ts";
import { distinct, type NodeContext, planContainer, sidekickName } from "../node-context.ts";

interface HyperkubeService {
  readonly name: "kube-apiserver" | "kube-controller-manager" | "kube-scheduler" | "kubelet" | "kube-proxy";
  readonly flags: FlagLayers;
  readonly cmd?: readonly string[];
  readonly binds: readonly string[];
  readonly extraBinds?: readonly string[] | undefined;
  /** Variables in RKE's order. The scheduler's are the only ones that RKE does not make distinct. */
  readonly env: readonly string[];
  readonly healthCheckUrl: string;
  /** kubelet and kube-proxy work on the machine itself: privileged, and in its process namespace. */
  readonly onMachine?: boolean;
}

/** A container that runs a Kubernetes component through the entrypoint in the sidekick's volume. */
export function hyperkube(context: NodeContext, service: HyperkubeService): PlannedContainer {
  const { cluster, isWindows } = context;
  const flags = commandLine(service.flags);
  const env = service.name === "kube-scheduler" ? service.env : distinct(service.env);
  return planContainer(context, {
    name: service.name,
    image: cluster.config.systemImages.kubernetes,
    entrypoint: isWindows
      ? [...powershell("entrypoint"), service.name, ...flags]
      : [cluster.entrypoint, service.name, ...flags],
    ...(service.cmd && { cmd: service.cmd }),
    binds: service.binds,
    extraBinds: service.extraBinds,
    env,
    volumesFrom: [sidekickName],
    restartPolicy: "always",
    ...(!isWindows && { networkMode: "host" as const }),
    ...(!isWindows && service.onMachine && { pidMode: "host" as const, privileged: true }),
    healthCheckUrl: service.healthCheckUrl,
  });
}

export const powershell = (script: string): readonly string[] => [
  "pwsh",
  "-NoLogo",
  "-NonInteractive",
  "-File",
  `c:/usr/bin/${script}.ps1`,
];

/** What containers on Windows are told about the cluster. */
export function windowsEnv({ cluster: { config }, node, prefixPath }: NodeContext): readonly string[] {
  const { kubeController, kubelet } = config.services;
  return [
    `RKE_CLUSTER_CIDR=${kubeController.clusterCidr}`,
    `RKE_CLUSTER_DOMAIN=${kubelet.clusterDomain}`,
    `RKE_CLUSTER_DNS_SERVER=${kubelet.clusterDnsServer}`,
    `RKE_CLUSTER_SERVICE_CIDR=${kubeController.serviceClusterIpRange}`,
    `RKE_NODE_ADDRESS=${node.address}`,
    `RKE_NODE_INTERNAL_ADDRESS=${node.internalAddress}`,
    `RKE_CLOUD_PROVIDER_NAME=${config.cloudProvider.name ?? ""}`,
    `RKE_NODE_PREFIX_PATH=${prefixPath}`,
  ];
}

interface Extras {
  readonly extraArgs?: Readonly<Record<string, string>> | undefined;
  readonly extraArgsArray?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly extraBinds?: readonly string[] | undefined;
  readonly extraEnv?: readonly string[] | undefined;
  readonly winExtraArgs?: Readonly<Record<string, string>> | undefined;
  readonly winExtraArgsArray?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly winExtraBinds?: readonly string[] | undefined;
  readonly winExtraEnv?: readonly string[] | undefined;
}

/** A person's additions to kubelet or kube-proxy. On Windows the `win` settings stand in for the others, each by itself. */
export function extrasFor({ isWindows }: NodeContext, service: Extras): Extras {
  if (!isWindows) return service;
  return {
    extraArgs: filled(service.winExtraArgs) ?? service.extraArgs,
    extraArgsArray: filled(service.winExtraArgsArray) ?? service.extraArgsArray,
    extraBinds: filled(service.winExtraBinds) ?? service.extraBinds,
    extraEnv: filled(service.winExtraEnv) ?? service.extraEnv,
  };
}

const filled = <T extends object>(value: T | undefined): T | undefined =>
  value !== undefined && Object.keys(value).length > 0 ? value : undefined;
