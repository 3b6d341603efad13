import type { ClusterConfig } from "../config/cluster-config.ts";
import { ipBytes, ipText } from "../ip-address.ts";
import type { ExternalEtcd, PkiSubject } from "../pki/names.ts";
import { Secret } from "../secrets.ts";

/** What the certificates of a cluster depend on. */
export function pkiSubject(config: ClusterConfig): PkiSubject {
  const holding = (role: "controlplane" | "etcd") => config.nodes.filter((node) => node.role.includes(role));
  const externalEtcd = externalEtcdOf(config);
  return {
    controlPlane: holding("controlplane"),
    etcd: holding("etcd"),
    all: config.nodes,
    sans: config.authentication.sans ?? [],
    serviceIps: serviceIps(config),
    clusterDomain: config.services.kubelet.clusterDomain,
    clusterName: config.clusterName,
    servesKubelets: config.services.kubelet.generateServingCertificate ?? false,
    ...(externalEtcd && { externalEtcd }),
  };
}

/** The address of the Service `kubernetes`: the first of each service range. */
export function serviceIps({ services }: ClusterConfig): readonly string[] {
  return services.kubeApi.serviceClusterIpRange.split(",").flatMap((range) => {
    const [network = "", bits = ""] = range.trim().split("/");
    const bytes = ipBytes(network);
    return bytes === undefined ? [] : [ipText(afterNetwork(bytes, Number(bits)))];
  });
}

/** The address after the first of a network. */
function afterNetwork(address: readonly number[], bits: number): readonly number[] {
  const network = address.map((byte, index) => byte & (0xff << Math.max(0, 8 - Math.max(0, bits - index * 8))) & 0xff);
  const bytes = [...network];
  for (let index = bytes.length - 1; index >= 0; index--) {
    const next = ((bytes[index] ?? 0) + 1) & 0xff;
    bytes[index] = next;
    if (next !== 0) break;
  }
  return bytes;
}

function externalEtcdOf({ services: { etcd } }: ClusterConfig): ExternalEtcd | undefined {
  if ((etcd.externalUrls ?? []).length === 0) return undefined;
  return { ca: etcd.caCert ?? "", cert: etcd.cert ?? "", key: new Secret(etcd.key ?? "") };
}
