import {
  CONTROLLER_MANAGER,
  ETCD_CLIENT,
  ETCD_CLIENT_CA,
  etcdName,
  isEtcdMember,
  isKubeletServer,
  KUBE_ADMIN,
  KUBE_APISERVER,
  KUBE_CA,
  KUBE_NODE,
  KUBE_PROXY,
  kubeletName,
  type PkiHost,
  PROXY_CLIENT,
  REQUEST_HEADER_CA,
  SCHEDULER,
  SERVICE_ACCOUNT_TOKEN,
} from "./names.ts";

export const CERTIFICATE_DIRECTORY = "/etc/kubernetes/ssl";

/** Where RKE puts the admin kubeconfig of a cluster described in `cluster.yml`: beside it, and never on a node. */
const ADMIN_KUBECONFIG_PATH = "kube_config_cluster.yml";

/** Where a certificate of the bundle lies on a node, and what cert-deployer calls its parts. */
export interface CertificateFiles {
  readonly path: string;
  readonly keyPath: string;
  readonly envName: string;
  readonly keyEnvName: string;
  /** Undefined for what no client of the API server uses. */
  readonly kubeconfigPath: string | undefined;
  readonly kubeconfigEnvName: string | undefined;
}

/** Names the files of a certificate, without the prefix that some operating systems need. */
export function filesOf(name: string): CertificateFiles {
  const envName = name.toUpperCase().replaceAll("-", "_");
  const kubeconfigPath = name === KUBE_ADMIN ? ADMIN_KUBECONFIG_PATH : `${CERTIFICATE_DIRECTORY}/kubecfg-${name}.yaml`;
  return {
    path: `${CERTIFICATE_DIRECTORY}/${name}.pem`,
    keyPath: `${CERTIFICATE_DIRECTORY}/${name}-key.pem`,
    envName,
    keyEnvName: `${envName}_KEY`,
    kubeconfigPath: hasKubeconfig(name) ? kubeconfigPath : undefined,
    kubeconfigEnvName: hasKubeconfig(name) ? `KUBECFG_${envName}` : undefined,
  };
}

/** The certificate that a file on a node is part of, by its name: the reverse of {@link filesOf}. */
export function certificateAt(path: string): string | undefined {
  const name = path.startsWith(`${CERTIFICATE_DIRECTORY}/`) ? path.slice(CERTIFICATE_DIRECTORY.length + 1) : "";
  return /^(?:kubecfg-(?<config>[^/]+)\.yaml|(?<pem>[^/]+?)(?:-key)?\.pem)$/.exec(name)?.slice(1).find(Boolean);
}

export interface PkiNode {
  readonly host: PkiHost;
  readonly roles: readonly ("controlplane" | "etcd" | "worker")[];
}

export interface NodeCertificate {
  readonly name: string;
  /** Whether the private key goes along. */
  readonly withKey: boolean;
}

/**
 * Says which certificates of a bundle a node gets. `peers: "all"` is RKE's way: every etcd node gets the keys of every
 * member, and every node the serving keys of every kubelet. The default is the node's own only.
 */
export function certificatesOf(
  { host, roles }: PkiNode,
  names: readonly string[],
  { peers = "own" }: { peers?: "own" | "all" } = {},
): readonly NodeCertificate[] {
  const isControlPlane = roles.includes("controlplane");
  const isEtcd = roles.includes("etcd");
  const goesHere = (name: string): boolean => {
    if (isEtcdMember(name)) {
      return isEtcd && (peers === "all" || name === etcdName(host));
    }
    if (isKubeletServer(name)) {
      return peers === "all" || name === kubeletName(host);
    }
    return EVERYWHERE.has(name) || (isControlPlane && CONTROL_PLANE.has(name));
  };
  return names
    .filter(goesHere)
    .map((name) => ({ name, withKey: name === KUBE_CA ? isControlPlane : name !== ETCD_CLIENT_CA }));
}

/**
 * Whether a file on a node is a certificate, a key or a kubeconfig of RKE's that belongs to a role which the node does not
 * have. The keys of other members and kubelets, which RKE spreads, count as those of the node's own.
 */
export function isOfOtherRole(path: string, { roles }: Pick<PkiNode, "roles">): boolean {
  const name = certificateAt(path);
  if (name === undefined) return false;
  if (isEtcdMember(name)) return !roles.includes("etcd");
  const isOfControlPlane = CONTROL_PLANE.has(name) || path === filesOf(KUBE_CA).keyPath;
  return isOfControlPlane && !roles.includes("controlplane");
}

/** The requestheader CA and its client get a kubeconfig that nobody reads: RKE writes one, and so it is not missed. */
function hasKubeconfig(name: string): boolean {
  return !WITHOUT_KUBECONFIG.has(name) && !name.includes("kube-etcd") && !name.includes("kube-kubelet");
}

const WITHOUT_KUBECONFIG = new Set<string>([KUBE_CA, KUBE_APISERVER, SERVICE_ACCOUNT_TOKEN]);

const EVERYWHERE = new Set<string>([KUBE_CA, KUBE_PROXY, KUBE_NODE]);

/** kube-admin is in neither set: it never leaves the machine of the person. */
const CONTROL_PLANE = new Set<string>([
  KUBE_APISERVER,
  SERVICE_ACCOUNT_TOKEN,
  CONTROLLER_MANAGER,
  SCHEDULER,
  REQUEST_HEADER_CA,
  PROXY_CLIENT,
  ETCD_CLIENT,
  ETCD_CLIENT_CA,
]);
