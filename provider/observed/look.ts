import type { BootstrapObject } from "../desired/bootstrap-objects.ts";
import { etcdLocalAddress } from "../desired/services/etcd.ts";
import type { Host } from "../hosts/host.ts";
import type { ClientCertificate } from "../hosts/tls-client.ts";
import type { Bundle } from "../pki/bundle.ts";
import { KUBE_ADMIN, KUBE_CA, KUBE_NODE } from "../pki/names.ts";
import type { Listener } from "../progress.ts";
import { lookAtEtcd } from "./etcd.ts";
import type { ClusterFacts, NodeFacts } from "./facts.ts";
import { lookAtKube } from "./kube.ts";
import { lookAtNode } from "./look-at-node.ts";

/** A machine to look at. */
export interface LookNode {
  readonly address: string;
  readonly internalAddress: string;
  readonly role: readonly ("etcd" | "controlplane" | "worker")[];
  readonly prefixPath: string;
  /** Images that it will need. */
  readonly images?: readonly string[];
}

export interface LookOptions {
  /** The nodes that are wanted, and those that were part of the cluster before. */
  readonly nodes: readonly LookNode[];
  readonly host: (address: string) => Host;
  /** Without certificates etcd and the API are not asked. */
  readonly certificates?: Bundle;
  readonly bootstrap?: readonly BootstrapObject[];
  /** `/v3beta` or `/v3alpha` for etcd before 3.4. */
  readonly etcdApiPrefix?: string;
  readonly clock: () => Date;
  readonly signal?: AbortSignal;
  readonly emit?: Listener;
  /** How long one machine may take to tell everything. */
  readonly nodeLimitMs?: number;
}

/** Looks at all machines at once, and at etcd and the API meanwhile. Reads only, and leaves nothing behind. */
export async function look(options: LookOptions): Promise<ClusterFacts> {
  const { nodes, clock } = options;
  const seenAt = clock().toISOString();
  const [seen, etcd, kube] = await Promise.all([
    Promise.all(nodes.map(async (node) => [node.address, await lookAt(node, options)] as const)),
    etcdOf(options),
    kubeOf(options),
  ]);
  return {
    version: 1,
    seenAt,
    nodes: Object.fromEntries(seen),
    ...(etcd !== undefined && { etcd }),
    ...(kube !== undefined && { kube }),
  };
}

async function lookAt(
  { address, prefixPath, images = [] }: LookNode,
  { host: hostOf, clock, signal, emit, nodeLimitMs = 120_000 }: LookOptions,
): Promise<NodeFacts> {
  const host = hostOf(address);
  const facts = await lookAtNode(host, { prefixPath, images, clock, signal, limitMs: nodeLimitMs });
  if (facts.status === "unreachable") {
    emit?.({ kind: "notice", text: `${host.machine} does not answer: ${facts.because}` });
  }
  return facts;
}

async function etcdOf({ nodes, host, certificates = {}, etcdApiPrefix: apiPrefix, signal }: LookOptions) {
  const certificate = clientCertificate(certificates, KUBE_NODE);
  if (certificate === undefined) return undefined;
  const members = nodes.filter(({ role }) => role.includes("etcd"));
  const reached = await connected(members, { host, signal });
  return lookAtEtcd(
    members.map((node, index) => ({
      ...node,
      etcd: reached[index]?.etcd(certificate, { host: etcdLocalAddress(node), apiPrefix }),
    })),
    { signal },
  );
}

async function kubeOf({ nodes, host, certificates = {}, bootstrap = [], signal }: LookOptions) {
  const certificate = clientCertificate(certificates, KUBE_ADMIN);
  if (certificate === undefined) return undefined;
  const controlPlanes = nodes.filter(({ role }) => role.includes("controlplane"));
  const reached = await connected(controlPlanes, { host, signal });
  return lookAtKube(
    reached.flatMap((control) => (control === undefined ? [] : [control.kube(certificate)])),
    { bootstrap, signal },
  );
}

/**
 * Those of the machines that can be reached, each in its place. Where many are greeted at once that takes its time, of
 * which those who are asked next should lose none; and one that is dead has been waited for once then, which is enough.
 */
async function connected(
  nodes: readonly LookNode[],
  { host, signal }: { host: LookOptions["host"]; signal: AbortSignal | undefined },
): Promise<readonly (Host | undefined)[]> {
  const hosts = nodes.map(({ address }) => host(address));
  // Why one cannot be reached is told by who looks at the machine.
  const opened = await Promise.allSettled(hosts.map((one) => one.open({ signal })));
  signal?.throwIfAborted();
  return hosts.map((one, index) => (opened[index]?.status === "fulfilled" ? one : undefined));
}

function clientCertificate(bundle: Bundle, name: string): ClientCertificate | undefined {
  const ca = bundle[KUBE_CA]?.certificate;
  const { certificate, key } = bundle[name] ?? {};
  if (ca === undefined || certificate === undefined || key === undefined) return undefined;
  return { ca, cert: certificate, key: key.unwrap() };
}
