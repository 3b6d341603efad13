import { onTestFinished } from "vitest";

import { Host } from "../../../provider/hosts/host.ts";
import { Pool } from "../../../provider/hosts/pool.ts";
import type { ClusterFacts, ReachedNode } from "../../../provider/observed/facts.ts";
import { type LookNode, type LookOptions, look } from "../../../provider/observed/look.ts";
import type { Bundle } from "../../../provider/pki/bundle.ts";
import { Secret } from "../../../provider/secrets.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import type { RkeCluster } from "../../fleet/rke-cluster.ts";

/** The machines of a fleet by address, for as long as the test takes. */
export function hostsOf(fleet: Fleet): (address: string) => Host {
  const pool = new Pool({ handshakeTimeoutMs: 500 });
  const hosts = new Map(
    fleet.nodes.map(({ machine, host, port, user, privateKey, hostKey }) => {
      const connection = { host, port, user, hostKey, privateKey: new Secret(privateKey) };
      return [machine.address, new Host({ name: machine.name, connection, pool })];
    }),
  );
  onTestFinished(async () => {
    for (const host of hosts.values()) host.close();
    await pool.close();
  });
  return (address) => {
    const host = hosts.get(address);
    if (host === undefined) throw new Error(`The fleet has no machine at ${address}`);
    return host;
  };
}

/** All machines of a fleet with all roles. */
export const nodesOf = (fleet: Fleet): readonly LookNode[] =>
  fleet.nodes.map(({ machine: { address, internalAddress } }) => ({
    address,
    internalAddress,
    role: ["etcd", "controlplane", "worker"],
    prefixPath: "/",
  }));

/** Looks at a fleet; what is not given is ordinary. */
export async function lookAtFleet(fleet: Fleet, options: Partial<LookOptions> = {}): Promise<ClusterFacts> {
  return look({ nodes: nodesOf(fleet), host: hostsOf(fleet), clock: () => new Date(), ...options });
}

/** What was seen of a machine that must have answered. */
export function reachedNode(facts: ClusterFacts, address: string): ReachedNode {
  const node = facts.nodes[address];
  if (node?.status !== "reached") throw new Error(`${address}: ${node?.because ?? "not looked at"}`);
  return node;
}

/** The certificates of a cluster of the fleet, as far as looking needs them. */
export function bundleOf({ authority, admin }: RkeCluster): Bundle {
  const entry = (name: string, { cert, key }: { cert: string; key: string }) => ({
    name,
    certificate: cert,
    key: new Secret(key),
    kubeconfig: undefined,
  });
  return {
    "kube-ca": entry("kube-ca", authority),
    "kube-admin": entry("kube-admin", admin),
    "kube-node": entry("kube-node", admin),
  };
}
