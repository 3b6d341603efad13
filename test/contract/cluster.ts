import { parseCluster } from "../../provider/config/parse.ts";
import { pkiSubject } from "../../provider/desired/pki-subject.ts";
import type { Connection } from "../../provider/hosts/connection.ts";
import { Host } from "../../provider/hosts/host.ts";
import type { Pool } from "../../provider/hosts/pool.ts";
import type { ClientCertificate } from "../../provider/hosts/tls-client.ts";
import { type Bundle, issueBundle } from "../../provider/pki/bundle.ts";
import { bringUp, type Operation } from "../../provider/resources/operation.ts";
import { withoutAddons } from "../support/without-addons.ts";
import { countedSerials, pooledKeys } from "../unit/pki/world.ts";

/** Three machines that can be reached. */
export interface Machines {
  readonly addresses: readonly string[];
  readonly connections: (address: string) => Connection;
  /** What registries know nothing of, and where there is no registry. */
  readonly images: { readonly missing: string; readonly unreachable: string };
}

/** The one that the cluster's helpers run in, so that it is on every machine. It has a shell. */
export const toolsImage = "rancher/rke-tools:v0.1.108";

/** A cluster of three members of etcd, one of which has the other roles as well; flannel makes its nodes ready. */
export async function makeCluster(machines: Machines): Promise<Bundle> {
  const { bundle } = await issueBundle(pkiSubject(wanted(machines).config), {
    clock: () => new Date(),
    serials: countedSerials(),
    keys: pooledKeys(),
  });
  await bringUp(clusterOperation(machines, bundle));
  return bundle;
}

/** The product's own run over that cluster. */
export function clusterOperation(machines: Machines, certificates: Bundle): Operation {
  const { config, release } = wanted(machines);
  return {
    config,
    release,
    certificates,
    connections: machines.connections,
    holder: "the contract",
    clock: () => new Date(),
    signal: new AbortController().signal,
    emit: () => undefined,
  };
}

export function machineHost({ addresses, connections }: Machines, index: number, pool: Pool): Host {
  const address = addresses[index - 1];
  if (address === undefined) throw new Error(`There is no machine ${index}`);
  return new Host({ name: nodeNameOf(index), connection: connections(address), pool });
}

export const nodeNameOf = (index: number): string => `node-${index}`;

export function clientOf(certificates: Bundle, name: string): ClientCertificate {
  const { certificate: cert, key } = certificates[name] ?? {};
  const ca = certificates["kube-ca"]?.certificate;
  if (ca === undefined || cert === undefined || key === undefined) throw new Error(`There is no certificate ${name}`);
  return { ca, cert, key: key.unwrap() };
}

function wanted({ addresses, connections }: Machines): Pick<Operation, "config" | "release"> {
  const result = parseCluster({
    kubernetesVersion: "v1.31.4-rancher1-1",
    ...withoutAddons,
    network: { plugin: "flannel" },
    // The machines of the lab share a kernel, whose table of connections is not theirs to size.
    services: { kubeproxy: { extraArgs: { "conntrack-max-per-core": "0", "conntrack-min": "0" } } },
    nodes: addresses.map((address, index) => ({
      address,
      hostnameOverride: nodeNameOf(index + 1),
      user: connections(address).user,
      role: index === 0 ? ["etcd", "controlplane", "worker"] : ["etcd"],
    })),
  });
  if (!result.ok) throw new Error(result.failures.map(({ reason }) => reason).join("\n"));
  return result;
}
