import type { NodeConfig } from "../config/cluster-config.ts";
import { certificatesOf, type NodeCertificate } from "../pki/files.ts";
import type { ClusterContext } from "./cluster-context.ts";
import { type ContainerSpec, type PlannedContainer, specHash } from "./container-spec.ts";
import { assumedDockerFacts, type DockerFacts } from "./docker-facts.ts";
import { deploysAuditPolicy } from "./files/audit-policy.ts";
import { type NodeContext, nodeContext } from "./node-context.ts";
import { type NodeObject, nodeObject } from "./node-object.ts";
import { admissionPath, auditPolicyPath, cloudConfigPath, encryptionPath, webhookPath } from "./paths.ts";
import { etcd } from "./services/etcd.ts";
import { etcdRollingSnapshots, takesSnapshots } from "./services/etcd-rolling-snapshots.ts";
import { kubeApiserver } from "./services/kube-apiserver.ts";
import { kubeControllerManager } from "./services/kube-controller-manager.ts";
import { kubeProxy } from "./services/kube-proxy.ts";
import { kubeScheduler } from "./services/kube-scheduler.ts";
import { kubelet } from "./services/kubelet.ts";
import { nginxProxy } from "./services/nginx-proxy.ts";
import { serviceSidekick } from "./services/service-sidekick.ts";

/** A file of RKE's on a node, beside the certificates. */
export interface PlannedFile {
  readonly path: string;
  readonly content: string;
}

/** A port that must be reachable on a node. */
export interface PortCheck {
  readonly address: string;
  readonly port: number;
  readonly protocol: "TCP";
}

/** A container and the hash that tells whether one that runs is still the one that is wanted. */
export interface NodeContainer extends PlannedContainer {
  readonly hash: string;
  /** The same container in the words of an older RKE, where it has others for it. */
  readonly olderSpec?: ContainerSpec;
}

/** What should be on one machine. */
export interface NodePlan {
  readonly node: NodeConfig;
  /** The engine's facts that the plan was made for. */
  readonly docker: DockerFacts;
  readonly prefixPath: string;
  /** In the order in which they can start. */
  readonly containers: readonly NodeContainer[];
  readonly files: readonly PlannedFile[];
  readonly nodeObject: NodeObject;
  readonly portChecks: readonly PortCheck[];
  /** Images to have before anything is replaced. */
  readonly images: readonly string[];
}

/** Plans one machine from its roles. */
export function planNode(
  cluster: ClusterContext,
  node: NodeConfig,
  docker: DockerFacts = assumedDockerFacts,
): NodePlan {
  const context = nodeContext(cluster, node, docker);
  const older = olderSpecs(context);
  const containers = containersOf(context).map((container) => {
    const hash = specHash(container.spec);
    const olderSpec = older.get(container.spec.name);
    return { ...container, hash, ...(olderSpec !== undefined && specHash(olderSpec) !== hash && { olderSpec }) };
  });
  return {
    node,
    docker,
    prefixPath: context.prefixPath,
    containers,
    files: filesOn(context),
    nodeObject: nodeObject(node),
    portChecks: portChecksOf(node),
    images: [
      ...new Set([
        ...containers.map(({ spec }) => spec.image),
        cluster.config.services.kubelet.infraContainerImage,
        cluster.config.systemImages.certDownloader,
        cluster.config.systemImages.alpine,
      ]),
    ],
  };
}

/** The certificates of a bundle that belong on this machine. */
export const certificatesOn = ({ node }: NodePlan, names: readonly string[]): readonly NodeCertificate[] =>
  certificatesOf({ host: node, roles: node.role }, names);

function containersOf(context: NodeContext): readonly PlannedContainer[] {
  const { role } = context.node;
  const isControlPlane = role.includes("controlplane");
  const isEtcd = role.includes("etcd");
  return [
    serviceSidekick(context),
    ...(isEtcd ? [etcd(context)] : []),
    ...(isEtcd && takesSnapshots(context.cluster.config) ? [etcdRollingSnapshots(context)] : []),
    ...(isControlPlane ? [kubeApiserver(context), kubeControllerManager(context), kubeScheduler(context)] : []),
    ...(isControlPlane ? [] : [nginxProxy(context)]),
    kubelet(context),
    kubeProxy(context),
  ];
}

/**
 * RKE 1.8.0 and 1.8.1 have MD5 for every Kubernetes, 1.8.5 and 1.8.6 SHA-256 from 1.31.6 on. A container that one of the
 * first has made reads the same files as ours.
 */
function olderSpecs(context: NodeContext): ReadonlyMap<string, ContainerSpec> {
  const { cluster } = context;
  if (cluster.release.fileChecksum === "md5") return new Map();
  const release = { ...cluster.release, fileChecksum: "md5" as const };
  const older = containersOf({ ...context, cluster: { ...cluster, release } });
  return new Map(older.map(({ spec }) => [spec.name, spec]));
}

/** The files of a machine. The path is RKE's; on machines with a prefix they lie below it. */
function filesOn({ cluster, node }: NodeContext): readonly PlannedFile[] {
  const { config, files } = cluster;
  const { webhook } = config.authentication;
  const everywhere = [
    file(cloudConfigPath, files.cloudConfig),
    file(webhookPath, webhook && (webhook.configFile ?? "")),
  ];
  const onControlPlanes = [
    file(encryptionPath, files.encryption),
    file(admissionPath, files.admission),
    file(auditPolicyPath, deploysAuditPolicy(config.services.kubeApi) ? files.auditPolicy : undefined),
  ];
  return [...everywhere, ...(node.role.includes("controlplane") ? onControlPlanes : [])].flat();
}

const file = (path: string, content: string | undefined): readonly PlannedFile[] =>
  content === undefined ? [] : [{ path, content }];

function portChecksOf({ address, role }: NodeConfig): readonly PortCheck[] {
  const ports = [
    10250,
    ...(role.includes("controlplane") ? [6443] : []),
    ...(role.includes("etcd") ? [2379, 2380] : []),
  ];
  return ports.map((port) => ({ address, port, protocol: "TCP" }));
}
