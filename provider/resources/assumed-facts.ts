import type { ClusterConfig } from "../config/cluster-config.ts";
import type { ClusterFacts, ReachedNode } from "../observed/facts.ts";

/** What was seen, and for machines that nobody has looked at yet what is to be expected of a new one. For previews. */
export function withExpectedNodes({ nodes }: ClusterConfig, facts: ClusterFacts): ClusterFacts {
  const unseen = nodes.filter(({ address }) => facts.nodes[address] === undefined);
  return { ...facts, nodes: { ...facts.nodes, ...Object.fromEntries(unseen.map(({ address }) => [address, fresh])) } };
}

/** Facts of a cluster on which nothing was seen. */
export const nothingSeen: ClusterFacts = { version: 1, seenAt: "", nodes: {} };

const fresh: ReachedNode = {
  status: "reached",
  machine: {
    hostname: "",
    machineId: "",
    os: "linux",
    osType: "linux",
    architecture: "x86_64",
    kernel: "",
    cgroupVersion: "2",
    cgroupDriver: "systemd",
    securityOptions: [],
    memoryBytes: 0,
    cpus: 0,
    swapBytes: 0,
    clockOffsetMs: 0,
    disks: {},
    kernelFacts: {},
    addresses: [],
    listening: [],
    leftovers: [],
    docker: {
      serverVersion: "",
      apiVersion: "",
      rootDir: "/var/lib/docker",
      storageDriver: "",
      liveRestore: false,
      registryMirrors: [],
    },
  },
  containers: [],
  files: [],
  images: [],
};
