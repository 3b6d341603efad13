import type { Release } from "../releases/release.ts";
import type { ClusterConfig, NodeConfig, SystemImages } from "./cluster-config.ts";
import { dnsDefaults, ingressDefaults, monitoringDefaults } from "./defaults/addons.ts";
import { cloudProviderDefaults } from "./defaults/cloud-provider.ts";
import { networkDefaults } from "./defaults/network.ts";
import { servicesDefaults } from "./defaults/services.ts";
import type { ParsedCluster } from "./schema/cluster.ts";
import { systemImages as systemImagesSchema } from "./schema/system-images.ts";

/**
 * Fills in what RKE would have filled in. Applied to its own result it changes nothing. An empty text counts as "not
 * given", as in RKE; only flags and maps tell "empty" from "absent".
 */
export function applyDefaults(parsed: ParsedCluster, release: Release): ClusterConfig {
  const sshKeyPath = parsed.sshKeyPath || "~/.ssh/id_rsa";
  const sshAgentAuth = parsed.sshAgentAuth ?? false;
  const privateRegistries = parsed.privateRegistries ?? [];
  const systemImages = imagesOf(parsed, release);
  const authentication = parsed.authentication ?? {};

  return {
    ...parsed,
    sshKeyPath,
    sshAgentAuth,
    prefixPath: parsed.prefixPath || "/",
    nodes: (parsed.nodes ?? []).map((node) => nodeDefaults(node, { sshKeyPath, sshAgentAuth })),
    clusterName: parsed.clusterName || "local",
    kubernetesVersion: release.kubernetesVersion,
    addonJobTimeout: parsed.addonJobTimeout || 45,
    privateRegistries,
    systemImages,
    enableCriDockerd: parsed.enableCriDockerd ?? release.criDockerd.byDefault,
    ...(parsed.bastionHost && { bastionHost: bastionDefaults(parsed.bastionHost, { sshKeyPath, sshAgentAuth }) }),
    services: servicesDefaults(parsed.services ?? {}, { release, systemImages }),
    network: networkDefaults(parsed.network ?? {}),
    authentication: {
      ...authentication,
      strategy: authentication.strategy || "x509",
      ...webhookDefaults(authentication),
    },
    authorization: { ...parsed.authorization, mode: parsed.authorization?.mode || "rbac" },
    cloudProvider: cloudProviderDefaults(parsed.cloudProvider ?? {}),
    ingress: ingressDefaults(parsed.ingress ?? {}, release),
    dns: dnsDefaults(parsed.dns ?? {}, release),
    monitoring: monitoringDefaults(parsed.monitoring ?? {}),
    upgradeStrategy: upgradeDefaults(parsed.upgradeStrategy),
  };
}

/** The names of the strategies in `x509|Webhook`, as RKE understands them. */
export const authnStrategies = (strategy: string): readonly string[] =>
  strategy.split("|").map((name) => name.trim().toLowerCase());

interface ClusterSsh {
  readonly sshKeyPath: string;
  readonly sshAgentAuth: boolean;
}

function nodeDefaults(node: NonNullable<ParsedCluster["nodes"]>[number], ssh: ClusterSsh): NodeConfig {
  const address = node.address ?? "";
  return {
    ...node,
    address,
    port: node.port || "22",
    internalAddress: node.internalAddress || address,
    role: node.role ?? [],
    hostnameOverride: (node.hostnameOverride || address).toLowerCase(),
    user: node.user ?? "",
    sshAgentAuth: ssh.sshAgentAuth,
    sshKeyPath: node.sshKeyPath || ssh.sshKeyPath,
  };
}

function bastionDefaults(bastion: NonNullable<ParsedCluster["bastionHost"]>, ssh: ClusterSsh) {
  if (!bastion.address) return bastion;
  return {
    ...bastion,
    port: bastion.port || "22",
    sshKeyPath: bastion.sshKeyPath || ssh.sshKeyPath,
    sshAgentAuth: ssh.sshAgentAuth,
  };
}

/** The release's images behind the default registry; images a person names are taken as they are. */
function imagesOf(parsed: ParsedCluster, release: Release): SystemImages {
  const registry = parsed.privateRegistries?.find(({ isDefault }) => isDefault)?.url || undefined;
  const names = Object.keys(systemImagesSchema.shape) as (keyof SystemImages)[];
  return Object.fromEntries(
    names.map((name) => {
      const published = release.images[name] ?? "";
      const standard = registry === undefined || published === "" ? published : `${registry}/${published}`;
      return [name, parsed.systemImages?.[name] || standard];
    }),
  ) as SystemImages;
}

function webhookDefaults({ strategy = "", webhook }: NonNullable<ParsedCluster["authentication"]>) {
  if (webhook === undefined && !authnStrategies(strategy).includes("webhook")) return {};
  return {
    webhook: {
      configFile: webhook?.configFile || localWebhook,
      cacheTimeout: webhook?.cacheTimeout || "5s",
    },
  };
}

/** The kubeconfig RKE deploys when none is given; part of the file's text and so of what nodes already have. */
const localWebhook = `
apiVersion: v1
kind: Config
clusters:
- name: Default
  cluster:
    insecure-skip-tls-verify: true
    server: http://127.0.0.1:6440/v1/authenticate
users:
- name: Default
  user:
    insecure-skip-tls-verify: true
current-context: webhook
contexts:
- name: webhook
  context:
    user: Default
    cluster: Default
`;

/** RKE fills the drain input in when it first applies a cluster; here it is part of the configuration from the start. */
function upgradeDefaults(strategy: ParsedCluster["upgradeStrategy"]): ClusterConfig["upgradeStrategy"] {
  return {
    ...strategy,
    maxUnavailableWorker: String(strategy?.maxUnavailableWorker ?? "") || "10%",
    maxUnavailableControlplane: String(strategy?.maxUnavailableControlplane ?? "") || "1",
    nodeDrainInput: { ...drainDefaults, ...strategy?.nodeDrainInput },
  };
}

const drainDefaults = { force: false, ignoreDaemonSets: true, deleteLocalData: false, gracePeriod: -1, timeout: 120 };
