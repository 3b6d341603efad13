import { filesOf } from "../../pki/files.ts";
import { KUBE_CA, KUBE_NODE, kubeletName } from "../../pki/names.ts";
import type { Flags } from "../../releases/release.ts";
import { cloudConfigEnv, cloudProviderFlags, takesNameFromMetadata } from "../cloud-provider-flags.ts";
import type { PlannedContainer } from "../container-spec.ts";
import type { NodeContext } from "../node-context.ts";
import { cloudConfigPath, prefixed } from "../paths.ts";
import { kubeletDockerConfig } from "../registries.ts";
import { extrasFor, hyperkube, windowsEnv } from "./hyperkube.ts";

/** The kubelet; every node has one. */
export function kubelet(context: NodeContext): PlannedContainer {
  const { cluster, isWindows } = context;
  const extras = extrasFor(context, cluster.config.services.kubelet);
  const nodelocal = cluster.config.dns.nodelocal?.ipAddress;
  return hyperkube(context, {
    name: "kubelet",
    flags: {
      base: baseFlags(context),
      ...releaseFlags(context),
      extra: extras.extraArgs,
      repeated: extras.extraArgsArray,
      ...(nodelocal && { last: { "cluster-dns": nodelocal } }),
    },
    binds: [...runtimeBinds(context), ...(isWindows ? windowsBinds(context) : linuxBinds(context))],
    extraBinds: extras.extraBinds,
    env: [
      ...(extras.extraEnv ?? []),
      ...criDockerdEnv(context),
      ...cloudConfigEnv(cluster),
      ...registryEnv(context),
      ...(isWindows ? windowsEnv(context) : []),
    ],
    healthCheckUrl: "http://localhost:10248/healthz",
    onMachine: true,
  });
}

/** Keeps ordinary pods off a control plane node that is not a worker, from the kubelet's first registration on. */
const controlPlaneTaint = "node-role.kubernetes.io/controlplane=true:NoSchedule";

function baseFlags({ cluster, node, isWindows, prefixPath, path }: NodeContext): Flags {
  const { config, release } = cluster;
  const service = config.services.kubelet;
  const onNode = (file: string) => (isWindows ? prefixed(prefixPath, file) : file);
  const serving = filesOf(kubeletName(node));
  return {
    ...cloudProviderFlags(cluster, onNode(cloudConfigPath)),
    "client-ca-file": onNode(filesOf(KUBE_CA).path),
    "cluster-dns": service.clusterDnsServer,
    "cluster-domain": service.clusterDomain,
    "fail-swap-on": String(service.failSwapOn ?? false),
    ...(!takesNameFromMetadata(cluster, ["external-aws"]) && { "hostname-override": node.hostnameOverride }),
    kubeconfig: onNode(filesOf(KUBE_NODE).kubeconfigPath ?? ""),
    "pod-infra-container-image": isWindows ? config.systemImages.windowsPodInfraContainer : service.infraContainerImage,
    "root-dir": path("/var/lib/kubelet"),
    ...(node.role.includes("controlplane") &&
      !node.role.includes("worker") && { "register-with-taints": controlPlaneTaint }),
    ...(node.address !== node.internalAddress && { "node-ip": node.internalAddress }),
    ...(service.generateServingCertificate && {
      "tls-cert-file": serving.path,
      "tls-private-key-file": serving.keyPath,
    }),
    ...(config.enableCriDockerd && {
      "container-runtime-endpoint": release.criDockerd.runtimeEndpoint,
      ...(release.criDockerd.needsRemoteRuntimeFlag && { "container-runtime": "remote" }),
    }),
  };
}

/** In the release's flags of a kubelet, two quotes mean "empty", and a path may begin with a mark for the prefix. */
function releaseFlags({ cluster, isWindows, prefixPath }: NodeContext): { release: Flags; forced: Flags } {
  const { kubelet } = isWindows ? cluster.windowsOptions() : cluster.options;
  const flags = Object.entries(kubelet);
  return {
    release: Object.fromEntries(
      flags.map(([name, value]) => [
        name,
        value.startsWith(prefixMark) ? prefixed(prefixPath, value.replaceAll(prefixMark, "")) : value,
      ]),
    ),
    forced: Object.fromEntries(flags.filter(([, value]) => value === "''").map(([name]) => [name, ""])),
  };
}

const prefixMark = "[PREFIX_PATH]";

function runtimeBinds({ cluster: { config, release }, path }: NodeContext): readonly string[] {
  if (!config.enableCriDockerd || !release.criDockerd.needsStateBind) return [];
  return [`${path("/var/lib/cri-dockerd")}:/var/lib/cri-dockerd:z`];
}

function linuxBinds({ docker, path }: NodeContext): readonly string[] {
  const state = path("/var/lib/kubelet");
  const { dockerRootDir } = docker;
  return [
    `${path("/etc/kubernetes")}:/etc/kubernetes:z`,
    "/etc/cni:/etc/cni:rw,z",
    "/opt/cni:/opt/cni:rw,z",
    `${path("/var/lib/cni")}:/var/lib/cni:z`,
    "/var/lib/calico:/var/lib/calico:z",
    "/etc/resolv.conf:/etc/resolv.conf",
    "/sys:/sys:rprivate",
    `${dockerRootDir}:${dockerRootDir}:rw,rslave,z`,
    `${state}:${state}:shared,z`,
    "/var/lib/rancher:/var/lib/rancher:shared,z",
    "/var/run:/var/run:rw,rprivate",
    "/run:/run:rprivate",
    `${path("/etc/ceph")}:/etc/ceph`,
    "/dev:/host/dev:rprivate",
    "/var/log/containers:/var/log/containers:z",
    "/var/log/pods:/var/log/pods:z",
    "/usr:/host/usr:ro",
    "/etc:/host/etc:ro",
    // Volume plugins are installed in the usual place even where the kubelet's state is elsewhere.
    ...(state === "/var/lib/kubelet" ? [] : ["/var/lib/kubelet/volumeplugins:/var/lib/kubelet/volumeplugins:shared,z"]),
  ];
}

const windowsBinds = ({ path }: NodeContext): readonly string[] => [
  `${path("/etc/kubernetes")}:c:/host/etc/kubernetes`,
  `${path("/var/lib/kubelet")}:c:/host/var/lib/kubelet`,
  `${path("/run")}:c:/host/run`,
];

function criDockerdEnv({ cluster: { config } }: NodeContext): readonly string[] {
  if (!config.enableCriDockerd) return [];
  const { criDockerdStreamServerAddress: address, criDockerdStreamServerPort: port } = config;
  return [
    "RKE_KUBELET_CRIDOCKERD=true",
    ...(address ? [`CRIDOCKERD_STREAM_SERVER_ADDRESS=${address}`] : []),
    ...(port ? [`CRIDOCKERD_STREAM_SERVER_PORT=${port}`] : []),
    ...(isDualStack(config) ? ["RKE_KUBELET_CRIDOCKERD_DUALSTACK=true"] : []),
  ];
}

/** Addresses of both families for pods. */
function isDualStack({ services: { kubeController } }: NodeContext["cluster"]["config"]): boolean {
  const ranges = kubeController.clusterCidr.split(",");
  return ranges.some((range) => range.includes(":")) && ranges.some((range) => range.includes("."));
}

function registryEnv({ cluster: { registries }, path }: NodeContext): readonly string[] {
  if (registries.size === 0) return [];
  return [
    `RKE_KUBELET_DOCKER_CONFIG=${Buffer.from(kubeletDockerConfig(registries)).toString("base64")}`,
    `RKE_KUBELET_DOCKER_FILE=${path("/var/lib/kubelet/config.json")}`,
  ];
}
