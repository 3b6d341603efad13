import type { z } from "zod";

import type { authentication, authorization } from "./schema/authentication.ts";
import type { ParsedCluster } from "./schema/cluster.ts";
import type { dns } from "./schema/dns.ts";
import type { ingress } from "./schema/ingress.ts";
import type { monitoring } from "./schema/monitoring.ts";
import type { network } from "./schema/network.ts";
import type { node } from "./schema/node.ts";
import type { kubeApiService, kubeControllerService, kubeletService } from "./schema/services.ts";
import type { SystemImageName } from "./schema/system-images.ts";
import type { upgradeStrategy } from "./schema/upgrade.ts";

type Filled<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]-?: NonNullable<T[P]> };
type Services = NonNullable<ParsedCluster["services"]>;
type Plain = NonNullable<Services["scheduler"]>;
type Etcd = NonNullable<Services["etcd"]>;

/** A machine of the cluster with all that RKE would have filled in. */
export type NodeConfig = Filled<
  z.output<typeof node>,
  "address" | "internalAddress" | "hostnameOverride" | "port" | "role" | "user" | "sshAgentAuth" | "sshKeyPath"
>;

export interface ServicesConfig {
  readonly etcd: Filled<Etcd, "image" | "snapshot" | "extraArgs">;
  readonly kubeApi: Filled<z.output<typeof kubeApiService>, "image" | "serviceClusterIpRange" | "serviceNodePortRange">;
  readonly kubeController: Filled<
    z.output<typeof kubeControllerService>,
    "image" | "clusterCidr" | "serviceClusterIpRange"
  >;
  readonly scheduler: Filled<Plain, "image">;
  readonly kubelet: Filled<
    z.output<typeof kubeletService>,
    "image" | "clusterDomain" | "clusterDnsServer" | "infraContainerImage"
  >;
  readonly kubeproxy: Filled<Plain, "image">;
}

/** Every image of the cluster; empty where neither the release nor the person names one. */
export type SystemImages = Readonly<Record<SystemImageName, string>>;

/** What a person asked for, checked and with every default of RKE filled in. The input of everything that plans. */
export type ClusterConfig = Omit<
  Filled<
    ParsedCluster,
    | "kubernetesVersion"
    | "sshKeyPath"
    | "sshAgentAuth"
    | "prefixPath"
    | "clusterName"
    | "addonJobTimeout"
    | "enableCriDockerd"
    | "privateRegistries"
    | "cloudProvider"
  >,
  | "nodes"
  | "services"
  | "network"
  | "authentication"
  | "authorization"
  | "systemImages"
  | "ingress"
  | "dns"
  | "monitoring"
  | "upgradeStrategy"
> & {
  readonly nodes: readonly NodeConfig[];
  readonly services: ServicesConfig;
  readonly network: Filled<z.output<typeof network>, "plugin" | "options" | "updateStrategy" | "enableBrNetfilter">;
  readonly authentication: Filled<z.output<typeof authentication>, "strategy">;
  readonly authorization: Filled<z.output<typeof authorization>, "mode">;
  readonly systemImages: SystemImages;
  readonly ingress: Filled<
    z.output<typeof ingress>,
    "provider" | "networkMode" | "httpPort" | "httpsPort" | "defaultBackend" | "defaultIngressClass" | "updateStrategy"
  >;
  readonly dns: Filled<z.output<typeof dns>, "provider">;
  readonly monitoring: Filled<z.output<typeof monitoring>, "provider" | "replicas">;
  readonly upgradeStrategy: Omit<
    Filled<z.output<typeof upgradeStrategy>, "nodeDrainInput">,
    "maxUnavailableWorker" | "maxUnavailableControlplane"
  > & { readonly maxUnavailableWorker: string; readonly maxUnavailableControlplane: string };
};
