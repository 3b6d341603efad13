import type { ClusterConfig } from "../config/cluster-config.ts";
import { authnStrategies } from "../config/defaults.ts";
import { stateForm, yamlForm } from "../config/rke-form.ts";
import type { ClusterPlan } from "../desired/cluster-plan.ts";
import type { ContainerSpec } from "../desired/container-spec.ts";
import { isWindows } from "../desired/docker-facts.ts";
import type { NodeContainer, NodePlan } from "../desired/node-plan.ts";
import { cloudConfigPath, encryptionPath } from "../desired/paths.ts";
import { serviceIps } from "../desired/pki-subject.ts";
import { registriesOf, registryOf } from "../desired/registries.ts";
import { metadataRkeVersion } from "../releases/index.ts";
import { rkeImageKeys } from "./rke-image-keys.ts";

/** A plan in the form in which RKE's own answers are kept for comparison, key for key. */
export function planJson(plan: ClusterPlan, { warnings = [] }: { warnings?: readonly string[] } = {}): object {
  const { config } = plan;
  return {
    rkeVersion: metadataRkeVersion,
    kubernetesVersion: config.kubernetesVersion,
    systemImages: rkeImageKeys(config.systemImages),
    rkeConfig: yamlForm(config),
    stateRkeConfig: stateForm(config),
    cluster: clusterFacts(config),
    warnings,
    up: {
      ran: false,
      note: "Planned from the configuration; no machine was asked",
      warnings: [],
      appliedStateDiffersAt: [],
    },
    nodes: plan.nodes.map((node) => nodeJson(node, plan)),
  };
}

function clusterFacts(config: ClusterConfig): object {
  const { kubeController, kubelet } = config.services;
  const addresses = (role: "controlplane" | "etcd" | "worker") =>
    config.nodes.filter((node) => node.role.includes(role)).map(({ address }) => address);
  const strategies = authnStrategies(config.authentication.strategy);
  return {
    authnStrategies: Object.fromEntries(
      [...strategies, ...(config.authentication.webhook ? ["webhook"] : [])].map((name) => [name, true]),
    ),
    brNetfilterEnabled: config.network.enableBrNetfilter,
    cloudProviderName: config.cloudProvider.name ?? "",
    clusterCIDR: kubeController.clusterCidr,
    clusterDNSServer: kubelet.clusterDnsServer,
    clusterDomain: kubelet.clusterDomain,
    controlPlaneHosts: addresses("controlplane"),
    criDockerdEnabled: config.enableCriDockerd,
    encryptionEnabled: config.services.kubeApi.secretsEncryptionConfig?.enabled ?? false,
    etcdHosts: addresses("etcd"),
    forceDeployCerts: false,
    kubernetesServiceIP: serviceIps(config),
    workerHosts: addresses("worker"),
  };
}

export function nodeJson(plan: NodePlan, { config, nodes }: ClusterPlan): object {
  const { node, docker, files, containers, nodeObject } = plan;
  const registries = registriesOf(config);
  const encryption = nodes.flatMap((other) => other.files).find(({ path }) => path === encryptionPath);
  const inNodePlan = containers.filter(({ spec }) => spec.labels !== undefined);
  return {
    address: node.address,
    internalAddress: node.internalAddress,
    hostnameOverride: node.hostnameOverride,
    roles: node.role,
    prefixPath: plan.prefixPath,
    docker,
    processes: Object.fromEntries(inNodePlan.map((container) => [container.spec.name, processJson(container)])),
    planFiles: [
      { path: cloudConfigPath, content: contentOf(files, cloudConfigPath) ?? "" },
      // RKE's declarative plan has this file on every node; only control planes are given it.
      ...(encryption ? [encryption] : []),
    ],
    planPortChecks: plan.portChecks,
    planAnnotations: nodeObject.annotations,
    planLabels: nodeObject.labels,
    labelsToDelete: nodeObject.labelsToDelete,
    upContainers: containers.map((container) =>
      inNodePlan.includes(container)
        ? { name: container.spec.name, started: container.starts, sameAsProcess: true }
        : { ...containerJson(container.spec), started: container.starts },
    ),
    upContainersLeft: containers.map(({ spec }) => spec.name).sort(),
    upFiles: files.map((file) => ({ ...file, removed: false })),
    upPulls: Object.fromEntries(plan.images.map((image) => [image, registryOf(image, registries) !== undefined])),
    ...(!isWindows(docker) && { kubeNode: kubeNodeJson(plan) }),
  };
}

const contentOf = (files: NodePlan["files"], path: string) => files.find((file) => file.path === path)?.content;

function processJson({ spec, healthCheckUrl, usesRegistryCredentials }: NodeContainer): object {
  return {
    ...containerJson(spec),
    healthCheckURL: healthCheckUrl ?? "",
    imageRegistryAuth: usesRegistryCredentials,
    publish: null,
  };
}

const containerJson = (spec: ContainerSpec): object => ({
  name: spec.name,
  image: spec.image,
  entrypoint: spec.entrypoint ?? null,
  cmd: spec.cmd ?? null,
  env: spec.env ?? null,
  binds: spec.binds ?? null,
  volumesFrom: spec.volumesFrom ?? null,
  networkMode: spec.networkMode ?? "",
  pidMode: spec.pidMode ?? "",
  restartPolicy: spec.restartPolicy ?? "",
  privileged: spec.privileged ?? false,
  user: spec.user ?? "",
  labels: spec.labels ?? null,
  securityOpt: spec.securityOpt ?? null,
});

/** The Node object as it is when RKE has added to an empty one. */
function kubeNodeJson({ node, nodeObject: { labels, annotations, taints } }: NodePlan): object {
  return {
    labels: { "kubernetes.io/hostname": node.hostnameOverride, ...labels },
    annotations,
    taints:
      taints.length === 0 ? null : taints.map(({ value, ...taint }) => (value === "" ? taint : { ...taint, value })),
  };
}
