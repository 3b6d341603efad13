import { setMaxListeners } from "node:events";
import { setTimeout as after } from "node:timers/promises";

import type { ClusterConfig } from "../config/cluster-config.ts";
import { etcdLocalAddress } from "../desired/services/etcd.ts";
import { RkeError } from "../errors.ts";
import type { Etcd } from "../hosts/etcd.ts";
import type { Host } from "../hosts/host.ts";
import type { Kube } from "../hosts/kube.ts";
import type { ClientCertificate } from "../hosts/tls-client.ts";
import type { Bundle } from "../pki/bundle.ts";
import { KUBE_ADMIN, KUBE_CA, KUBE_NODE } from "../pki/names.ts";
import type { Listener } from "../progress.ts";
import type { FormerNode } from "../reconcile/runbook.ts";
import { etcdApiPrefix } from "../releases/etcd-api-prefix.ts";
import { anyApiServer } from "./api-server.ts";
import type { Context } from "./context.ts";
import { registryCredentialsOf } from "./registry-credentials.ts";

/** As much of a plan as it takes to speak with its machines. */
export interface KnownMachines {
  readonly nodes: readonly { readonly node: FormerNode }[];
  readonly config: Pick<ClusterConfig, "privateRegistries"> & {
    readonly systemImages: Pick<ClusterConfig["systemImages"], "etcd">;
  };
}

export interface ContextOptions {
  readonly plan: KnownMachines;
  readonly certificates: Bundle;
  /** The machines by their addresses; those that leave the cluster included. */
  readonly host: (address: string) => Host;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  readonly emit: Listener;
  /** Machines that are not in the plan any more, and must still be reached. */
  readonly former?: readonly FormerNode[] | undefined;
  /** As the last look has found it; no difference is assumed without one. */
  readonly clockOffsetMs?: (address: string) => number | undefined;
}

/** Everything that steps need, over the machines of a plan. Opens nothing before it is asked for. */
export function makeContext(options: ContextOptions): Context {
  const { plan, certificates, host, clock, signal, emit, clockOffsetMs } = options;
  // Any number of waits ends by the one signal of a run; Node takes more than ten for a leak.
  setMaxListeners(0, signal);
  const machines = new Map(
    [...(options.former ?? []), ...plan.nodes.map(({ node }) => node)].map((node) => [node.address, node]),
  );
  const nameOf = (address: string): string => {
    const name = machines.get(address)?.hostnameOverride ?? address;
    return name === address ? address : `${name} (${address})`;
  };
  const apiPrefix = etcdApiPrefix(plan.config.systemImages.etcd);
  const etcd = (address: string): Etcd => {
    const machine = machines.get(address);
    const local = machine === undefined ? {} : { host: etcdLocalAddress(machine) };
    return host(address).etcd(client(certificates, KUBE_NODE), { ...local, apiPrefix });
  };
  const kubeOn = (address: string): Kube => host(address).kube(client(certificates, KUBE_ADMIN));
  const addresses = plan.nodes.flatMap(({ node }) => (node.role.includes("controlplane") ? node.address : []));
  const anyKube = anyApiServer({ addresses, kubeOn, clock, signal, nameOf });
  return {
    signal,
    clock,
    emit,
    nameOf,
    certificates,
    sleep: (ms) => sleep(ms, signal),
    host,
    docker: (address) => host(address).docker(),
    etcd,
    kube: async (address) => (address === undefined ? anyKube() : kubeOn(address)),
    clockOffsetMs: (address) => clockOffsetMs?.(address) ?? 0,
    registryCredentials: registryCredentialsOf(plan.config),
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
