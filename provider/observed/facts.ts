import { z } from "zod";

import { restoreMarker } from "../steps/restore-marker.ts";

/** A machine that could not be asked. That is a fact too: it is neither gone nor well. */
const unreachable = z.strictObject({
  status: z.literal("unreachable"),
  /** The layer that failed, as an error code, and what was said. */
  code: z.string(),
  because: z.string(),
});

const unknownFact = z.enum(["machine id", "swap", "disks", "kernel", "addresses", "ports", "leftovers"]);

const machine = z.strictObject({
  hostname: z.string(),
  /** Content of /etc/machine-id; empty where there is none. */
  machineId: z.string(),
  os: z.string(),
  osType: z.string(),
  architecture: z.string(),
  kernel: z.string(),
  cgroupVersion: z.string(),
  cgroupDriver: z.string(),
  securityOptions: z.array(z.string()),
  memoryBytes: z.number(),
  cpus: z.number(),
  swapBytes: z.number(),
  /** How far the machine's clock is ahead of ours, in milliseconds. Good to about the length of a round trip. */
  clockOffsetMs: z.number(),
  /** Free and total space of the file systems that matter, by path. */
  disks: z.record(z.string(), z.strictObject({ freeBytes: z.number(), totalBytes: z.number() })),
  /** Kernel modules and settings that preflight asks for: `br_netfilter`, `net.ipv4.ip_forward` and so on. */
  kernelFacts: z.record(z.string(), z.string()),
  /** With the length of their network where it is known: `10.0.0.1/24`. Those of pod networks are left out. */
  addresses: z.array(z.string()),
  /** TCP ports on which something listens, with the program where it is known. */
  listening: z.array(z.strictObject({ port: z.int(), program: z.string() })),
  /** Directories of Kubernetes, etcd and CNI that hold something. */
  leftovers: z.array(z.string()),
  /** What could not be found out, because a tool is missing or the SSH user may run no commands; the values say nothing. */
  unknown: z.array(unknownFact).optional(),
  docker: z.strictObject({
    serverVersion: z.string(),
    apiVersion: z.string(),
    rootDir: z.string(),
    storageDriver: z.string(),
    liveRestore: z.boolean(),
    registryMirrors: z.array(z.string()),
  }),
});

/** A container that is ours or RKE's by its name or label. */
export const containerFact = z.strictObject({
  name: z.string(),
  image: z.string(),
  state: z.enum(["created", "running", "paused", "restarting", "removing", "exited", "dead"]),
  exitCode: z.int().optional(),
  /**
   * Milliseconds since the epoch, by the machine's clock; absent for one that never ran. Where no file is newer than the
   * container, the time when it was made will do, and costs no question.
   */
  startedAtMs: z.number().optional(),
  /** The hash of the spec it was made from, when we made it. */
  specHash: z.string().optional(),
  /** A digest of what RKE compares, for containers that carry no hash: those that `rke` made. */
  comparable: z.string().optional(),
  labels: z.record(z.string(), z.string()),
});

/** A file below /etc/kubernetes. */
const fileFact = z.strictObject({
  /** Without the prefix of the machine. */
  path: z.string(),
  /** See `contentDigest`: white space at the end does not count, since RKE's tools add some. */
  sha256: z.string(),
  mode: z.int(),
  /** Absent for root's. */
  owner: z.strictObject({ uid: z.int(), gid: z.int() }).optional(),
  /** For certificates. */
  notAfter: z.string().optional(),
  /** When we last changed it, by the machine's clock; absent for files that we found. */
  writtenAtMs: z.number().optional(),
});

const reached = z.strictObject({
  status: z.literal("reached"),
  machine,
  containers: z.array(containerFact),
  files: z.array(fileFact),
  /** Images that are there, of those asked for. */
  images: z.array(z.string()),
  /** The newest snapshots of etcd that lie there, whoever has taken them; absent where nobody could look. */
  snapshots: z.array(z.strictObject({ name: z.string(), sizeBytes: z.number(), writtenAtMs: z.number() })).optional(),
  /** What a run that was killed left behind. */
  lock: z
    .strictObject({
      holder: z.string(),
      owner: z.string(),
      runId: z.string(),
      verb: z.string(),
      expiresAt: z.string(),
      journal: z.array(z.string()),
    })
    .optional(),
  /** How far a restore of etcd's data has come here. */
  restore: restoreMarker.optional(),
});

export const nodeFacts = z.discriminatedUnion("status", [unreachable, reached]);

const etcdMember = z.strictObject({
  id: z.string(),
  /** Empty until it has started for the first time. */
  name: z.string(),
  /** Address of the node whose peer URL this is, when it is one of those we know. */
  node: z.string().optional(),
  peerUrls: z.array(z.string()),
  /** Whether it has ever told the others where its clients reach it. A member that has cannot start again without its data. */
  hasStarted: z.boolean(),
  isLearner: z.boolean(),
  isHealthy: z.boolean(),
  isLeader: z.boolean(),
  /** Raft entries that it is behind the leader. */
  lag: z.number().optional(),
  version: z.string().optional(),
  dbSizeBytes: z.number().optional(),
});

const kubeNode = z.strictObject({
  name: z.string(),
  uid: z.string(),
  isReady: z.boolean(),
  isUnschedulable: z.boolean(),
  /** Whether the cordon is ours; then we take it back. */
  isCordonedByUs: z.boolean(),
  kubeletVersion: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  taints: z.array(z.strictObject({ key: z.string(), value: z.string(), effect: z.string() })),
  internalIp: z.string().optional(),
});

const addon = z.strictObject({
  name: z.string(),
  /** Of the objects that were applied last; empty for one that a run has begun with and not finished. */
  digest: z.string(),
  /** Whether its pods were seen to run since. */
  isRolledOut: z.boolean(),
  /** All that belongs to it: `apps/v1 DaemonSet kube-system/canal`. */
  objects: z.array(z.string()),
  /** Those that somebody has changed or deleted. */
  changed: z.array(z.string()),
});

export type AddonFact = z.output<typeof addon>;

/** What was seen, small enough for a state file. Everything a preview needs is in it. */
export const clusterFacts = z.strictObject({
  version: z.literal(1),
  seenAt: z.string(),
  /** By the node's address. */
  nodes: z.record(z.string(), nodeFacts),
  /** Absent when no member answered, or etcd is external. */
  etcd: z
    .strictObject({
      clusterId: z.string(),
      members: z.array(etcdMember),
      hasQuorum: z.boolean(),
    })
    .optional(),
  /** Absent when no API server answered. */
  kube: z
    .strictObject({
      version: z.string(),
      nodes: z.array(kubeNode),
      /** Bootstrap objects that are there and as they should be: names as in the step that applies them. */
      bootstrapped: z.array(z.string()),
      /** Addons that we have deployed; absent where nobody has looked for them. */
      addons: z.array(addon).optional(),
    })
    .optional(),
});

export type ClusterFacts = z.output<typeof clusterFacts>;
export type NodeFacts = z.output<typeof nodeFacts>;
export type ReachedNode = z.output<typeof reached>;
export type UnknownFact = z.output<typeof unknownFact>;
export type MachineFacts = z.output<typeof machine>;
export type ContainerFact = z.output<typeof containerFact>;
export type FileFact = z.output<typeof fileFact>;
export type EtcdMemberFact = z.output<typeof etcdMember>;
export type KubeNodeFact = z.output<typeof kubeNode>;
