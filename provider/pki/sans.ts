import { canonicalIp } from "../ip-address.ts";

/** The names and addresses a server certificate is good for, in the order in which RKE writes them. */
export interface Sans {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/** What the SANs of a cluster's servers are made of, besides its hosts. */
export interface SanSource {
  /** RKE's `authentication.sans`, for kube-apiserver only. */
  readonly sans: readonly string[];
  /** The first address of every service network: the `kubernetes` Service. */
  readonly serviceIps: readonly string[];
  readonly clusterDomain: string;
}

interface SanHost {
  readonly address: string;
  readonly internalAddress: string;
  readonly hostnameOverride: string;
}

/** What a server of the whole cluster answers to: the hosts it runs on, what the person added, and the fixed names. */
export function serverSans(
  hosts: readonly SanHost[],
  source: SanSource,
  { extra = [] }: { extra?: readonly string[] } = {},
): Sans {
  const { dnsNames, ipAddresses } = hostSans(hosts);
  const added = byKind(extra);
  return {
    dnsNames: [...dnsNames, ...added.dnsNames, ...FIXED_NAMES, `kubernetes.default.svc.${source.clusterDomain}`],
    ipAddresses: [...ipAddresses, ...added.ipAddresses, "127.0.0.1", ...source.serviceIps.map(orAsWritten)],
  };
}

/** What the hosts themselves are called. A hostname is a name even when it looks like an address: RKE's rule. */
export function hostSans(hosts: readonly SanHost[]): Sans {
  const parts = hosts.map(({ address, internalAddress, hostnameOverride }) => {
    const { dnsNames, ipAddresses } = byKind(internalAddress === address ? [address] : [address, internalAddress]);
    return { dnsNames: hostnameOverride === address ? dnsNames : [...dnsNames, hostnameOverride], ipAddresses };
  });
  return {
    dnsNames: parts.flatMap((part) => part.dnsNames).filter(isGiven),
    ipAddresses: parts.flatMap((part) => part.ipAddresses),
  };
}

/** Whether two certificates are good for the same names and addresses. Order and repetition mean nothing to TLS. */
export function sameSans(a: Sans, b: Sans): boolean {
  return (
    sameMembers(a.dnsNames, b.dnsNames) && sameMembers(a.ipAddresses.map(orAsWritten), b.ipAddresses.map(orAsWritten))
  );
}

const FIXED_NAMES = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];

function byKind(names: readonly string[]): { dnsNames: readonly string[]; ipAddresses: readonly string[] } {
  return {
    dnsNames: names.filter((name) => isGiven(name) && canonicalIp(name) === undefined),
    ipAddresses: names.flatMap((name) => canonicalIp(name) ?? []),
  };
}

function isGiven(name: string): boolean {
  return name !== "";
}

function orAsWritten(address: string): string {
  return canonicalIp(address) ?? address;
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  const inB = new Set(b);
  return new Set(a).size === inB.size && a.every((name) => inB.has(name));
}
