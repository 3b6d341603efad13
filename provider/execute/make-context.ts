import { setMaxListeners } from "node:events";
import { setTimeout as after } from "node:timers/promises";

import type { ClusterPlan } from "../desired/cluster-plan.ts";
import { etcdLocalAddress } from "../desired/services/etcd.ts";
import { RkeError } from "../errors.ts";
import type { Connection } from "../hosts/connection.ts";
import type { Etcd } from "../hosts/etcd.ts";
import { type ClientCertificate, Host } from "../hosts/host.ts";
import type { Kube } from "../hosts/kube.ts";
import type { Pool } from "../hosts/pool.ts";
import type { Bundle } from "../pki/bundle.ts";
import { KUBE_ADMIN, KUBE_CA, KUBE_NODE } from "../pki/names.ts";
import type { Listener } from "../progress.ts";
import type { FormerNode } from "../reconcile/runbook.ts";
import { etcdApiPrefix } from "../releases/etcd-api-prefix.ts";
import { anyApiServer } from "./api-server.ts";
import type { Context } from "./context.ts";
import { registryCredentialsOf } from "./registry-credentials.ts";

export interface ContextOptions {
  readonly plan: ClusterPlan;
  readonly certificates: Bundle;
  /** How each machine is reached, by its address; those that leave the cluster included. */
  readonly connections: (address: string) => Connection;
  readonly pool: Pool;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  readonly emit: Listener;
  /** Machines that are not in the plan any more, and must still be reached. */
  readonly former?: readonly FormerNode[] | undefined;
  /** As the last look has found it; no difference is assumed without one. */
  readonly clockOffsetMs?: (address: string) => number | undefined;
}

/** A context and what was opened for it. The SSH connections are the pool's. */
export interface RunContext extends Context {
  close(): void;
}

/** Everything that steps need, over the machines of a plan. Opens nothing before it is asked for. */
export function makeContext(options: ContextOptions): RunContext {
  const { plan, certificates, connections, pool, clock, signal, emit, clockOffsetMs } = options;
  // Any number of waits ends by the one signal of a run; Node takes more than ten for a leak.
  setMaxListeners(0, signal);
  const machines = new Map(
    [...(options.former ?? []), ...plan.nodes.map(({ node }) => node)].map((node) => [node.address, node]),
  );
  const nameOf = (address: string): string => {
    const name = machines.get(address)?.hostnameOverride ?? address;
    return name === address ? address : `${name} (${address})`;
  };
  const host = oncePerNode(
    (address) =>
      new Host({ name: machines.get(address)?.hostnameOverride ?? address, connection: connections(address), pool }),
  );
  const apiPrefix = etcdApiPrefix(plan.config.systemImages.etcd);
  const etcd = oncePerNode((address): Etcd => {
    const machine = machines.get(address);
    const local = machine === undefined ? {} : { host: etcdLocalAddress(machine) };
    return host.of(address).etcd(client(certificates, KUBE_NODE), { ...local, apiPrefix });
  });
  const kube = oncePerNode((address): Kube => host.of(address).kube(client(certificates, KUBE_ADMIN)));
  const addresses = plan.nodes.flatMap(({ node }) => (node.role.includes("controlplane") ? node.address : []));
  const anyKube = anyApiServer({ addresses, kubeOn: kube.of, clock, signal, nameOf });
  return {
    signal,
    clock,
    emit,
    nameOf,
    certificates,
    sleep: (ms) => sleep(ms, signal),
    host: host.of,
    docker: (address) => host.of(address).docker(),
    etcd: etcd.of,
    kube: async (address) => (address === undefined ? anyKube() : kube.of(address)),
    clockOffsetMs: (address) => clockOffsetMs?.(address) ?? 0,
    registryCredentials: registryCredentialsOf(plan.config),
    close: () => {
      for (const one of host.all()) one.close();
    },
  };
}

/** Made when it is first asked for, and kept: what has connections of its own is better shared. */
function oncePerNode<T>(make: (address: string) => T): { of(address: string): T; all(): Iterable<T> } {
  const known = new Map<string, T>();
  return {
    of: (address) => {
      const found = known.get(address);
      if (found !== undefined) return found;
      const made = make(address);
      known.set(address, made);
      return made;
    },
    all: () => known.values(),
  };
}

function client(certificates: Bundle, name: string): ClientCertificate {
  const ca = certificates[KUBE_CA]?.certificate;
  const { certificate: cert, key } = certificates[name] ?? {};
  if (ca !== undefined && cert !== undefined && key !== undefined) return { ca, cert, key: key.unwrap() };
  throw new RkeError("internal", {
    doing: `log in as ${name}`,
    because: "its certificate is not among those of the cluster",
  });
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await after(ms, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
