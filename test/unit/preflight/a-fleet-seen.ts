import { parseCluster } from "../../../provider/config/parse.ts";
import { planCluster } from "../../../provider/desired/cluster-plan.ts";
import { containerNameLabel } from "../../../provider/desired/container-spec.ts";
import type {
  ClusterFacts,
  ContainerFact,
  MachineFacts,
  NodeFacts,
  ReachedNode,
} from "../../../provider/observed/facts.ts";
import { type PreflightFinding, type PreflightOptions, preflight } from "../../../provider/preflight/preflight.ts";
import { aNode, someArgs } from "../../support/findings.ts";

export const ADDRESSES = ["10.0.0.1", "10.0.0.2", "10.0.0.3"] as const;

/** What is said about three machines with all roles; each fact that is not given is as it should be. */
export interface Seen {
  /** By address: what is special about the machine, or that it does not answer. */
  readonly machines?: Readonly<Record<string, Partial<MachineFacts>>>;
  readonly nodes?: Readonly<Record<string, Partial<ReachedNode> | "unreachable">>;
  readonly etcd?: ClusterFacts["etcd"];
  readonly kube?: ClusterFacts["kube"];
  /** Arguments of the cluster. */
  readonly args?: object;
}

export function findingsFor(seen: Seen = {}, options: PreflightOptions = {}): readonly PreflightFinding[] {
  const nodes = ADDRESSES.map((address) => aNode({ address, hostnameOverride: `node-${address.slice(-1)}` }));
  const parsed = parseCluster(someArgs({ nodes, ...seen.args }));
  if (!parsed.ok) throw new Error(parsed.failures.map(({ reason }) => reason).join("\n"));
  const desired = planCluster(parsed.config, parsed.release);
  const images = [...new Set(desired.nodes.flatMap((plan) => plan.images))];
  const facts: ClusterFacts = {
    version: 1,
    seenAt: "2026-01-01T00:00:00.000Z",
    nodes: Object.fromEntries(
      desired.nodes.map(({ node: { address } }) => [address, nodeFacts(address, { ...seen, images })]),
    ),
    ...(seen.etcd && { etcd: seen.etcd }),
    ...(seen.kube && { kube: seen.kube }),
  };
  return preflight(desired, facts, options);
}

/** Findings as `severity name node: reason`, which is short enough to compare. */
export const linesFor = (seen: Seen, options: PreflightOptions = {}): readonly string[] =>
  findingsFor(seen, options).map(
    ({ severity, name, node, reason }) => `${severity} ${name}${node === undefined ? "" : ` ${node}`}: ${reason}`,
  );

/** A container that `rke` made. */
export const aContainer = (name: string, changes: Partial<ContainerFact> = {}): ContainerFact => ({
  name,
  image: "rancher/x:1",
  state: "running",
  labels: { [containerNameLabel]: name },
  ...changes,
});

export const GIB = 2 ** 30;

function nodeFacts(address: string, { machines, nodes, images }: Seen & { images: readonly string[] }): NodeFacts {
  const changes = nodes?.[address];
  if (changes === "unreachable") return { status: "unreachable", code: "ssh", because: "it is off" };
  return {
    status: "reached",
    machine: { ...healthyMachine(address), ...machines?.[address] },
    containers: [],
    files: [],
    images: [...images],
    ...changes,
  };
}

const healthyMachine = (address: string): MachineFacts => ({
  hostname: `host-${address.slice(-1)}`,
  machineId: `id-${address}`,
  os: "Debian GNU/Linux 12 (bookworm)",
  osType: "linux",
  architecture: "x86_64",
  kernel: "6.1.0",
  cgroupVersion: "2",
  cgroupDriver: "systemd",
  securityOptions: [],
  memoryBytes: 4 * GIB,
  cpus: 2,
  swapBytes: 0,
  clockOffsetMs: 12,
  disks: {
    "/": { freeBytes: 50 * GIB, totalBytes: 100 * GIB },
    "/var/lib/docker": { freeBytes: 50 * GIB, totalBytes: 100 * GIB },
    "/var/lib/etcd": { freeBytes: 50 * GIB, totalBytes: 100 * GIB },
  },
  kernelFacts: { br_netfilter: "loaded" },
  addresses: [`${address}/24`, "172.17.0.1/16"],
  listening: [{ port: 22, program: "sshd" }],
  leftovers: [],
  docker: {
    serverVersion: "28.1.1",
    apiVersion: "1.49",
    rootDir: "/var/lib/docker",
    storageDriver: "overlay2",
    liveRestore: false,
    registryMirrors: [],
  },
});
