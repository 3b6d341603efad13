import { readFileSync } from "node:fs";

import type { Container } from "./container.ts";
import type { ContainerSpec } from "./container-spec.ts";
import { preload } from "./docker-images.ts";
import type { Fleet } from "./fleet.ts";
import { kindOf } from "./kube-kinds.ts";
import type { JsonObject } from "./kube-object.ts";
import { KubeStore } from "./kube-store.ts";
import type { Machine, MachineOptions } from "./machine.ts";
import { type KeyPair, type TestAuthority, testAuthority } from "./test-certificates.ts";

interface PlainFile {
  readonly path: string;
  readonly content: string;
}

/** One node of a `plan.json` in test/vectors: the containers that RKE itself makes. */
interface PlanNode {
  readonly address: string;
  readonly internalAddress: string;
  readonly roles: readonly string[];
  readonly processes: Readonly<Record<string, PlanProcess>>;
  /** What `rke up` makes beside the plan. */
  readonly upContainers: readonly PlanProcess[];
  readonly kubeNode: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly taints: readonly JsonObject[] | null;
  };
  readonly hostnameOverride: string;
}

interface PlanProcess {
  readonly name: string;
  readonly image: string;
  readonly entrypoint: readonly string[] | null;
  readonly cmd: readonly string[] | null;
  readonly env: readonly string[] | null;
  readonly binds: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly networkMode: string;
  readonly restartPolicy: string;
  readonly volumesFrom: readonly string[] | null;
}

export interface RkeCluster {
  readonly authority: TestAuthority;
  /** The identity of `kube-admin`. */
  readonly admin: KeyPair;
  /** The same containers as specs, to make them again. */
  spec(node: string, name: string): ContainerSpec;
}

const order = [
  "service-sidekick",
  "etcd",
  "nginx-proxy",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
];

export interface RkeClusterOptions {
  readonly authority?: TestAuthority;
  /** What lies on each machine, in place of certificates that are made for it. Paths are without a prefix. */
  readonly files?: (node: Pick<PlanNode, "address" | "internalAddress" | "roles">) => readonly PlainFile[];
  /** Names of containers to start; without it all of them. */
  readonly only?: readonly string[];
}

/** The machines that a vector's cluster.yml names, for `aFleet({ nodes })`. */
export const machinesFor = (vector: string): readonly MachineOptions[] =>
  planOf(vector).map(({ address, internalAddress }, index) => ({
    name: `node-${index + 1}`,
    address,
    internalAddress,
  }));

const planOf = (vector: string): readonly PlanNode[] =>
  (JSON.parse(readFileSync(`test/vectors/${vector}/plan.json`, "utf8")) as { nodes: readonly PlanNode[] }).nodes;

/**
 * Puts a cluster on a fleet as `rke up` would have left it: certificates, kubeconfigs and the containers of a vector's
 * plan, all with RKE's arguments. Container by container over all nodes, so that etcd has its quorum first.
 */
export async function rkeCluster(fleet: Fleet, vector: string, options: RkeClusterOptions = {}): Promise<RkeCluster> {
  const plan = planOf(vector);
  const authority = options.authority ?? testAuthority();
  const homes = plan.map((node) => {
    const home = fleet.nodes.find(({ machine }) => machine.internalAddress === node.internalAddress);
    if (home === undefined) throw new Error(`No machine of the fleet has the address ${node.internalAddress}`);
    return { node, machine: home.machine };
  });
  for (const { node, machine } of homes) {
    if (options.files === undefined) deploy(machine, authority, plan);
    else for (const { path, content } of options.files(node)) machine.disk.write(path, content, 0o600);
  }
  for (const name of order.filter((one) => options.only === undefined || options.only.includes(one))) {
    for (const { node, machine } of homes) {
      const process = node.processes[name];
      if (process !== undefined) runProcess(machine, process);
    }
    await Promise.all(homes.map(({ machine }) => settled(machine.find(name))));
  }
  for (const { node, machine } of homes) {
    if (options.only === undefined) for (const process of node.upContainers) runProcess(machine, process);
  }
  labelNodes(fleet, plan);
  return {
    authority,
    admin: authority.issue({ commonName: "kube-admin", organization: "system:masters" }),
    spec(node, name) {
      const process = homes.find(({ machine }) => machine.name === node)?.node.processes[name];
      if (process === undefined) throw new Error(`The plan has no ${name} on ${node}`);
      return specOf(process);
    },
  };
}

/** What RKE notes on the Node objects, once the kubelets have registered. */
function labelNodes({ world }: Fleet, plan: readonly PlanNode[]): void {
  const kind = kindOf("nodes");
  for (const cluster of world.etcdClusters.values()) {
    const store = new KubeStore(cluster, Date.now);
    for (const { hostnameOverride, kubeNode } of plan) {
      const there = store.get(kind, undefined, hostnameOverride);
      if (there === undefined) continue;
      const { labels, annotations } = there.metadata;
      store.update(kind, there, {
        ...there,
        metadata: {
          ...there.metadata,
          labels: { ...labels, ...kubeNode.labels },
          annotations: { ...annotations, ...kubeNode.annotations },
        },
        spec: { ...there.spec, ...(kubeNode.taints && { taints: kubeNode.taints }) },
      });
    }
  }
}

function runProcess(machine: Machine, process: PlanProcess): void {
  if (!machine.images.has(process.image)) preload(machine, process.image);
  const container = machine.create({ name: process.name, spec: specOf(process) });
  if (process.name !== "service-sidekick") container.start();
}

/** An API server needs a turn of the event loop before it answers. */
async function settled(container: Container | undefined): Promise<void> {
  if (container?.name !== "kube-apiserver") return;
  const { listeners } = container.machine;
  for (let turn = 0; turn < 100 && !listeners.has(6443); turn++) await new Promise((resolve) => setTimeout(resolve, 5));
}

const specOf = (process: PlanProcess): ContainerSpec => ({
  Image: process.image,
  Entrypoint: process.entrypoint,
  Cmd: process.cmd,
  Env: process.env,
  Labels: process.labels,
  HostConfig: {
    Binds: process.binds,
    NetworkMode: process.networkMode,
    VolumesFrom: process.volumesFrom,
    RestartPolicy: { Name: process.restartPolicy },
  },
});

/** Every certificate on every node; RKE is choosier, and nothing here depends on it. */
function deploy(machine: Machine, authority: TestAuthority, nodes: readonly PlanNode[]): void {
  const write = (name: string, { cert, key }: KeyPair): void => {
    machine.disk.write(`/etc/kubernetes/ssl/${name}.pem`, cert, 0o600);
    machine.disk.write(`/etc/kubernetes/ssl/${name}-key.pem`, key, 0o600);
  };
  const issued = certificatesFor(authority, nodes);
  write("kube-ca", authority);
  write("kube-apiserver-requestheader-ca", authority);
  for (const [name, pair] of issued) write(name, pair);
  for (const name of ["kube-node", "kube-proxy", "kube-controller-manager", "kube-scheduler"]) {
    machine.disk.write(`/etc/kubernetes/ssl/kubecfg-${name}.yaml`, kubeconfig(name), 0o600);
  }
  machine.disk.write("/etc/kubernetes/admission.yaml", "kind: AdmissionConfiguration\n");
  machine.disk.write("/etc/kubernetes/audit-policy.yaml", "kind: Policy\n");
}

const issuedBefore = new WeakMap<TestAuthority, Map<string, ReadonlyMap<string, KeyPair>>>();

/** Made once for an authority and a set of nodes, because signing takes longer than all the rest. */
function certificatesFor(authority: TestAuthority, nodes: readonly PlanNode[]): ReadonlyMap<string, KeyPair> {
  const known = issuedBefore.get(authority) ?? new Map<string, ReadonlyMap<string, KeyPair>>();
  issuedBefore.set(authority, known);
  const key = nodes.map(({ internalAddress }) => internalAddress).join();
  const certificates = known.get(key) ?? issue(authority, nodes);
  known.set(key, certificates);
  return certificates;
}

function issue(authority: TestAuthority, nodes: readonly PlanNode[]): ReadonlyMap<string, KeyPair> {
  const names = [
    "localhost",
    "kubernetes",
    "127.0.0.1",
    ...nodes.flatMap((node) => [node.address, node.internalAddress]),
  ];
  const server = authority.issue({ commonName: "kube-apiserver", names });
  const etcdNodes = nodes.filter(({ roles }) => roles.includes("etcd"));
  return new Map<string, KeyPair>([
    ["kube-apiserver", server],
    ["kube-service-account-token", server],
    ["kube-apiserver-proxy-client", server],
    ["kube-node", authority.issue({ commonName: "system:node", organization: "system:nodes" })],
    ...["kube-proxy", "kube-controller-manager", "kube-scheduler"].map(
      (name) => [name, authority.issue({ commonName: `system:${name}` })] as const,
    ),
    ...etcdNodes.map(({ internalAddress }) => {
      const name = `kube-etcd-${internalAddress.replaceAll(".", "-")}`;
      return [
        name,
        authority.issue({ commonName: "kube-etcd", names: ["localhost", "127.0.0.1", internalAddress] }),
      ] as const;
    }),
  ]);
}

const kubeconfig = (name: string): string => `apiVersion: v1
kind: Config
clusters:
- cluster:
    api-version: v1
    certificate-authority: /etc/kubernetes/ssl/kube-ca.pem
    server: "https://127.0.0.1:6443"
  name: "local"
contexts:
- context:
    cluster: "local"
    user: "${name}-local"
  name: "local"
current-context: "local"
users:
- name: "${name}-local"
  user:
    client-certificate: /etc/kubernetes/ssl/${name}.pem
    client-key: /etc/kubernetes/ssl/${name}-key.pem
`;
