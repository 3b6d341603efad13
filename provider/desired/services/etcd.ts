import { filesOf } from "../../pki/files.ts";
import { etcdName, KUBE_CA } from "../../pki/names.ts";
import type { Flags } from "../../releases/release.ts";
import type { PlannedContainer } from "../container-spec.ts";
import { commandLine, mergedFlags } from "../flags.ts";
import { type NodeContext, planContainer } from "../node-context.ts";

/** Whether a member starts a cluster or joins one. */
export type InitialClusterState = "new" | "existing";

/** A member of etcd. Members are named after their nodes, and each lists all of them. */
export function etcd(context: NodeContext, { state = "new" }: { state?: InitialClusterState } = {}): PlannedContainer {
  const { cluster, node, path } = context;
  const service = cluster.config.services.etcd;
  const layers = { base: baseFlags(context, state), release: cluster.options.etcd, extra: service.extraArgs };
  const flags = mergedFlags(layers);
  return planContainer(context, {
    name: "etcd",
    image: cluster.config.systemImages.etcd,
    cmd: [
      "/usr/local/bin/etcd",
      ...["client-cert-auth", "peer-client-cert-auth"]
        .filter((name) => flags[name] === undefined)
        .map((name) => `--${name}`),
      ...commandLine({ ...layers, repeated: service.extraArgsArray }),
    ],
    env: env(context),
    binds: [`${path("/var/lib/etcd")}:${etcdDataDir}:z`, `${path("/etc/kubernetes")}:/etc/kubernetes:z`],
    extraBinds: service.extraBinds,
    networkMode: "host",
    restartPolicy: "always",
    ...(service.uid && service.gid && { user: `${service.uid}:${service.uid}` }),
    healthCheckUrl: `https://${node.internalAddress}:2379/health`,
  });
}

/** Where a member keeps its data, inside of its container. */
export const etcdDataDir = "/var/lib/rancher/etcd/";

export const etcdMemberName = ({ hostnameOverride }: NodeContext["node"]): string => `etcd-${hostnameOverride}`;

/** A machine whose internal address is its address may stand behind NAT, and then has no interface with that address. */
const listenAddress = ({ address, internalAddress }: NodeContext["node"]): string =>
  address === internalAddress ? "0.0.0.0" : internalAddress;

/** Where a member is reached on its own machine. */
export const etcdLocalAddress = (node: Pick<NodeContext["node"], "address" | "internalAddress">): string =>
  node.address === node.internalAddress ? "127.0.0.1" : node.internalAddress;

function baseFlags({ cluster, node }: NodeContext, state: InitialClusterState): Flags {
  const certificate = filesOf(etcdName(node));
  const ca = filesOf(KUBE_CA).path;
  const client = `https://${node.internalAddress}:2379`;
  const members = cluster.etcdNodes.map((member) => `${etcdMemberName(member)}=https://${member.internalAddress}:2380`);
  return {
    name: etcdMemberName(node),
    "data-dir": etcdDataDir,
    "listen-client-urls": `https://${listenAddress(node)}:2379`,
    "listen-peer-urls": `https://${listenAddress(node)}:2380`,
    "advertise-client-urls": cluster.etcdImage.advertisesPort4001
      ? `${client},https://${node.internalAddress}:4001`
      : client,
    "initial-advertise-peer-urls": `https://${node.internalAddress}:2380`,
    "initial-cluster-token": "etcd-cluster-1",
    "initial-cluster": members.join(","),
    "initial-cluster-state": state,
    "trusted-ca-file": ca,
    "peer-trusted-ca-file": ca,
    "cert-file": certificate.path,
    "key-file": certificate.keyPath,
    "peer-cert-file": certificate.path,
    "peer-key-file": certificate.keyPath,
    ...(cluster.etcdImage.limitsCipherSuites && {
      "cipher-suites": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    }),
  };
}

/** Lets `etcdctl` work inside of the container without arguments. */
function env({ cluster, node, docker }: NodeContext): readonly string[] {
  const certificate = filesOf(etcdName(node));
  const listens = listenAddress(node);
  const { endpointVariable } = cluster.etcdImage;
  const reached = listens === "0.0.0.0" && endpointVariable === "ETCDCTL_ENDPOINTS" ? "127.0.0.1" : listens;
  return [
    "ETCDCTL_API=3",
    `ETCDCTL_CACERT=${filesOf(KUBE_CA).path}`,
    `ETCDCTL_CERT=${certificate.path}`,
    `ETCDCTL_KEY=${certificate.keyPath}`,
    `${endpointVariable}=https://${reached}:2379`,
    `ETCD_UNSUPPORTED_ARCH=${docker.architecture === "aarch64" ? "arm64" : docker.architecture}`,
    ...(cluster.config.services.etcd.extraEnv ?? []),
  ];
}
