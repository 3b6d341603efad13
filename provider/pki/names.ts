import { RkeError } from "../errors.ts";
import type { Secret } from "../secrets.ts";
import { hostSans, type SanSource, type Sans, serverSans } from "./sans.ts";

/** A machine as certificates know it. What a person left out is what RKE fills in: the address, lower-cased for the name. */
export interface PkiHost {
  readonly address: string;
  readonly internalAddress: string;
  readonly hostnameOverride: string;
}

/** Everything about a cluster that decides which certificates it has and what they say. Hosts in cluster.yml order. */
export interface PkiSubject extends SanSource {
  readonly controlPlane: readonly PkiHost[];
  readonly etcd: readonly PkiHost[];
  readonly all: readonly PkiHost[];
  /** Shown in the admin kubeconfig only. */
  readonly clusterName: string;
  /** RKE's `services.kubelet.generate_serving_certificate`. */
  readonly servesKubelets: boolean;
  readonly externalEtcd?: ExternalEtcd;
  /** Where RKE would put the admin kubeconfig; part of `cluster.rkestate`, read by nobody else. */
  readonly kubeConfigPath?: string;
}

/** PEM texts that the person gave for an etcd outside of the cluster. */
export interface ExternalEtcd {
  readonly ca: string;
  readonly cert: string;
  readonly key: Secret<string>;
}

type Signer = typeof KUBE_CA | typeof REQUEST_HEADER_CA;

/** A certificate that has to exist, and what it has to say. */
export interface CertificateSpec {
  /** The name in the bundle, which is the base name of its files. */
  readonly name: string;
  readonly commonName: string;
  readonly organization?: string;
  /** The CA that signs it; `"self"` for the CAs, `"external"` for what the person brought. */
  readonly signer: Signer | "self" | "external";
  /** Every certificate of RKE may be used by a client; some by a server as well. */
  readonly isServer: boolean;
  readonly sans: Sans;
  /** The names that it cannot do without, where those are not all of `sans`. */
  readonly neededSans?: Sans;
}

export const KUBE_CA = "kube-ca";
export const REQUEST_HEADER_CA = "kube-apiserver-requestheader-ca";
export const KUBE_APISERVER = "kube-apiserver";
export const PROXY_CLIENT = "kube-apiserver-proxy-client";
export const SERVICE_ACCOUNT_TOKEN = "kube-service-account-token";
export const CONTROLLER_MANAGER = "kube-controller-manager";
export const SCHEDULER = "kube-scheduler";
export const KUBE_PROXY = "kube-proxy";
export const KUBE_NODE = "kube-node";
export const KUBE_ADMIN = "kube-admin";
export const ETCD_CLIENT = "kube-etcd-client";
export const ETCD_CLIENT_CA = "kube-etcd-client-ca";

/** Lists the certificates of a cluster, the signers before what they sign. */
export function certificatesFor(subject: PkiSubject): readonly CertificateSpec[] {
  const etcdSans = serverSans(subject.etcd, subject);
  const apiserverSans = serverSans(subject.controlPlane, subject, { extra: subject.sans });
  const kubelets = subject.servesKubelets ? subject.all : [];
  const specs: readonly CertificateSpec[] = [
    authority(KUBE_CA),
    authority(REQUEST_HEADER_CA),
    server(KUBE_APISERVER, KUBE_APISERVER, apiserverSans),
    client(CONTROLLER_MANAGER, "system:kube-controller-manager"),
    client(SCHEDULER, "system:kube-scheduler"),
    client(KUBE_PROXY, "system:kube-proxy"),
    client(KUBE_NODE, "system:node", "system:nodes"),
    client(KUBE_ADMIN, "kube-admin", "system:masters"),
    { ...server(PROXY_CLIENT, PROXY_CLIENT, NO_SANS), signer: REQUEST_HEADER_CA },
    // Tokens need its key alone. The certificate is there because every key of RKE has one; it opens nothing.
    client(SERVICE_ACCOUNT_TOKEN, SERVICE_ACCOUNT_TOKEN),
    // RKE names all members in the certificate of each. A member only has to prove that it is itself, so those that are
    // there already need no new certificate, and no restart, because another one comes or goes.
    ...subject.etcd.map((host) => ({
      ...server(etcdName(host), "kube-etcd", etcdSans),
      neededSans: serverSans([host], subject),
    })),
    ...kubelets.map((host) => server(kubeletName(host), kubeletName(host), hostSans([host]))),
    ...(subject.externalEtcd === undefined ? [] : [external(ETCD_CLIENT_CA), external(ETCD_CLIENT)]),
  ];
  refuseSharedNames(specs);
  return specs;
}

export function etcdName(host: PkiHost): string {
  return `kube-etcd-${nameOf(host)}`;
}

export function kubeletName(host: PkiHost): string {
  return `kube-kubelet-${nameOf(host)}`;
}

/** Whether this is the certificate of one etcd member, as opposed to the client certificates of an external etcd. */
export function isEtcdMember(name: string): boolean {
  return name.startsWith("kube-etcd-") && name !== ETCD_CLIENT && name !== ETCD_CLIENT_CA;
}

export function isKubeletServer(name: string): boolean {
  return name.startsWith("kube-kubelet-");
}

/** Whether a certificate comes and goes with a host or with an external etcd; the others stay as long as the cluster. */
export function isOfHostOrExternalEtcd(name: string): boolean {
  return isEtcdMember(name) || isKubeletServer(name) || name === ETCD_CLIENT || name === ETCD_CLIENT_CA;
}

const NO_SANS: Sans = { dnsNames: [], ipAddresses: [] };

function authority(name: Signer): CertificateSpec {
  return { name, commonName: name, signer: "self", isServer: false, sans: NO_SANS };
}

function client(name: string, commonName: string, organization?: string): CertificateSpec {
  const spec = { name, commonName, signer: KUBE_CA, isServer: false, sans: NO_SANS } as const;
  return organization === undefined ? spec : { ...spec, organization };
}

function server(name: string, commonName: string, sans: Sans): CertificateSpec {
  return { name, commonName, signer: KUBE_CA, isServer: true, sans };
}

function external(name: string): CertificateSpec {
  return { name, commonName: name, signer: "external", isServer: false, sans: NO_SANS };
}

/** Names come from internal addresses, dots written as dashes: `a.b` and `a-b` would overwrite each other's files. */
function refuseSharedNames(specs: readonly CertificateSpec[]): void {
  const seen = new Set<string>();
  for (const { name } of specs) {
    if (seen.has(name)) {
      throw new RkeError("config", {
        doing: "name the certificates of the cluster",
        because: `two nodes have the same name for theirs, "${name}"`,
        hint: "Give each node an internal address of its own",
      });
    }
    seen.add(name);
  }
}

/** RKE prefers the internal address, and leaves the colons of IPv6 as they are. */
function nameOf(host: PkiHost): string {
  const address = host.internalAddress === "" ? host.address : host.internalAddress;
  return address.replaceAll(".", "-").toLowerCase();
}
