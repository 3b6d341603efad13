import { bootstrapObjects } from "../../provider/desired/bootstrap-objects.ts";
import type { ClusterPlan } from "../../provider/desired/cluster-plan.ts";
import { type ContainerSpec, comparableDigest } from "../../provider/desired/container-spec.ts";
import { contentDigest } from "../../provider/desired/content-digest.ts";
import type { NodeObject } from "../../provider/desired/node-object.ts";
import type { NodeContainer, NodePlan } from "../../provider/desired/node-plan.ts";
import type { ClusterFacts, ContainerFact, NodeFacts } from "../../provider/observed/facts.ts";
import type { Bundle } from "../../provider/pki/bundle.ts";
import { type WantedFile, wantedFiles } from "../../provider/reconcile/deployment.ts";
import type { FormerNode } from "../../provider/reconcile/runbook.ts";
import { containersWithFiles } from "../../provider/steps/cluster-containers.ts";
import { ModelAddons } from "./model-addons.ts";
import { ModelEtcd } from "./model-etcd.ts";

export interface ModelContainer {
  spec: ContainerSpec;
  hash: string;
  state: "created" | "running" | "exited";
  startedAtMs: number;
  /** Made by `rke`: without our label. */
  isAdopted: boolean;
}

interface ModelFile {
  sha256: string;
  mode: number;
  owner?: { uid: number; gid: number };
  writtenAtMs?: number;
}

/** One machine. What does not answer may be gone, or only out of our reach. */
export interface ModelMachine {
  readonly address: string;
  answers: "yes" | "not to us" | "to nobody";
  readonly containers: Map<string, ModelContainer>;
  readonly files: Map<string, ModelFile>;
  readonly images: Set<string>;
  isListening: boolean;
}

export interface ModelNode {
  /** Address of the machine whose kubelet speaks for it. */
  machine: string;
  cordon: "none" | "ours" | "theirs";
  /** The kubelet was replaced, and nobody has waited for it since. */
  isSettling: boolean;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  taints: { key: string; value: string; effect: string }[];
}

/** A cluster as it would be behind the wires: small enough to run thousands of times, and strict about what cannot work. */
export class ModelCluster {
  readonly machines = new Map<string, ModelMachine>();
  readonly etcd: ModelEtcd;
  readonly nodes = new Map<string, ModelNode>();
  readonly bootstrapped = new Set<string>();
  readonly addons = new ModelAddons();
  /** API servers that were started, and nobody has waited for since. */
  readonly settlingApiServers = new Set<string>();
  nowMs = Date.parse("2026-11-21T08:00:00.000Z");

  constructor() {
    this.etcd = new ModelEtcd((address) => this.runs(address, "etcd"));
  }

  machine(address: string): ModelMachine {
    const known = this.machines.get(address);
    if (known !== undefined) return known;
    const made: ModelMachine = {
      address,
      answers: "yes",
      containers: new Map(),
      files: new Map(),
      images: new Set(),
      isListening: false,
    };
    this.machines.set(address, made);
    return made;
  }

  container(address: string, name: string): ModelContainer {
    const found = this.machine(address).containers.get(name);
    if (found === undefined) throw new Error(`There is no ${name} on ${address}`);
    return found;
  }

  runs(address: string, name: string): boolean {
    const machine = this.machine(address);
    return machine.answers !== "to nobody" && machine.containers.get(name)?.state === "running";
  }

  /** Time never stands still, so that what came first can be told. */
  tick(): number {
    this.nowMs += 1000;
    return this.nowMs;
  }

  /** Makes everything as a plan has it, at once. */
  settle(desired: ClusterPlan, certificates: Bundle, { isAdopted = false } = {}): this {
    const { nodes, config, addons } = desired;
    for (const plan of nodes) {
      this.#files(desired, plan, { certificates, isAdopted });
      for (const container of plan.containers) this.put(plan.node.address, container, { isAdopted });
      for (const image of plan.images) this.machine(plan.node.address).images.add(image);
      this.nodes.set(plan.node.hostnameOverride, { ...aNode(plan.node.address), ...objectOf(plan.nodeObject) });
    }
    this.etcd.settle(nodes.filter(({ node }) => node.role.includes("etcd")).map(({ node }) => node));
    for (const { name } of bootstrapObjects(config)) this.bootstrapped.add(name);
    if (!isAdopted) this.addons.settle(addons.deployed);
    this.tick();
    return this;
  }

  put(address: string, { spec, hash, starts }: NodeContainer, { isAdopted = false } = {}): void {
    const state = starts ? "running" : "created";
    this.machine(address).containers.set(spec.name, { spec, hash, state, startedAtMs: this.tick(), isAdopted });
  }

  #files(desired: ClusterPlan, plan: NodePlan, { certificates, isAdopted }: Deployed): void {
    const writtenAtMs = isAdopted ? {} : { writtenAtMs: this.tick() };
    for (const file of wantedFiles({ desired, certificates }, plan)) {
      this.machine(plan.node.address).files.set(file.path, { ...modelFile(file), ...writtenAtMs });
    }
  }

  stop(address: string, name: string): void {
    this.container(address, name).state = "exited";
  }

  kill(address: string, name: string): void {
    this.machine(address).containers.delete(name);
  }

  /** A machine that was installed anew. */
  wipe(address: string): void {
    const machine = this.machine(address);
    machine.containers.clear();
    machine.files.clear();
    machine.images.clear();
    this.etcd.forget(address);
  }

  serves(address: string): boolean {
    if (!this.runs(address, "kube-apiserver") || this.settlingApiServers.has(address)) return false;
    const { spec } = this.container(address, "kube-apiserver");
    const words = [...(spec.entrypoint ?? []), ...(spec.cmd ?? [])];
    const servers = words.find((word) => word.startsWith("--etcd-servers="))?.slice("--etcd-servers=".length) ?? "";
    return this.etcd.servesAny(servers.split(",").map((url) => new URL(url).hostname));
  }

  /** The name under which the kubelet of a machine speaks, while it runs. */
  kubeletOf(address: string): string | undefined {
    if (!this.runs(address, "kubelet")) return undefined;
    const { spec } = this.container(address, "kubelet");
    const words = [...(spec.entrypoint ?? []), ...(spec.cmd ?? [])];
    return words.find((word) => word.startsWith("--hostname-override="))?.split("=")[1] ?? address;
  }

  isReady(name: string): boolean {
    const node = this.nodes.get(name);
    return node !== undefined && !node.isSettling && this.kubeletOf(node.machine) === name;
  }

  /** Once some time has passed, what was started has come up, whether somebody has waited or not. */
  rest(): void {
    for (const node of this.nodes.values()) node.isSettling = false;
    this.settlingApiServers.clear();
    this.etcd.settling.clear();
  }

  look({ nodes }: ClusterPlan, former: readonly FormerNode[] = []): ClusterFacts {
    const roles = [...nodes.map(({ node }) => node), ...former];
    const addresses = [...new Set(roles.map(({ address }) => address))];
    const answering = addresses.filter((address) => this.machine(address).answers === "yes");
    const hasApi = answering.some(
      (address) =>
        roles.some((node) => node.address === address && node.role.includes("controlplane")) && this.serves(address),
    );
    const etcd = this.etcd.facts({ asked: answering, known: roles });
    return {
      version: 1,
      seenAt: new Date(this.tick()).toISOString(),
      nodes: Object.fromEntries(addresses.map((address) => [address, this.#nodeFacts(address)])),
      ...(etcd !== undefined && { etcd }),
      ...(hasApi && {
        kube: {
          version: "v1.32.6",
          nodes: this.#kubeNodes(),
          bootstrapped: [...this.bootstrapped],
          addons: this.addons.facts(),
        },
      }),
    };
  }

  #kubeNodes(): NonNullable<ClusterFacts["kube"]>["nodes"] {
    return [...this.nodes].map(([name, node]) => ({
      name,
      uid: name,
      isReady: this.isReady(name),
      isUnschedulable: node.cordon !== "none",
      isCordonedByUs: node.cordon === "ours",
      kubeletVersion: "v1.32.6",
      labels: { ...node.labels },
      annotations: { ...node.annotations },
      taints: node.taints.map((taint) => ({ ...taint })),
    }));
  }

  #nodeFacts(address: string): NodeFacts {
    const { answers, containers, files, images } = this.machine(address);
    if (answers !== "yes") return { status: "unreachable", code: "ssh", because: "connection timed out" };
    const canSeeFiles = containersWithFiles.some((name) => containers.has(name));
    const visible = [...files].filter(([path]) => canSeeFiles || path.endsWith("/kube-ca.pem"));
    return {
      status: "reached",
      machine: machineFacts(address, [
        ...(files.size > 0 ? ["/etc/kubernetes"] : []),
        ...(this.etcd.holdsData(address) ? ["/var/lib/etcd"] : []),
      ]),
      containers: [...containers].map(([name, container]) => containerFact(name, container)),
      files: visible.map(([path, file]) => ({ path, ...file })),
      images: [...images],
    };
  }
}

interface Deployed {
  readonly certificates: Bundle;
  readonly isAdopted: boolean;
}

/** A file as it lies there once it has been written. */
export const modelFile = ({ content, mode = 0o600, uid = 0, gid = 0 }: WantedFile): ModelFile => ({
  sha256: contentDigest(content.unwrap()),
  mode,
  ...((uid !== 0 || gid !== 0) && { owner: { uid, gid } }),
});

export const aNode = (machine: string): ModelNode => ({
  machine,
  cordon: "none",
  isSettling: false,
  labels: {},
  annotations: {},
  taints: [],
});

const objectOf = ({ labels, annotations, taints }: NodeObject) => ({
  labels: { ...labels },
  annotations: { ...annotations },
  taints: taints.map((taint) => ({ ...taint })),
});

function containerFact(name: string, { spec, hash, state, startedAtMs, isAdopted }: ModelContainer): ContainerFact {
  return {
    name,
    image: spec.image,
    state,
    ...(state !== "created" && { startedAtMs }),
    ...(isAdopted ? { comparable: comparableDigest(spec) } : { specHash: hash }),
    labels: { ...spec.labels },
  };
}

export function machineFacts(hostname: string, leftovers: readonly string[] = []) {
  return {
    hostname,
    machineId: hostname,
    os: "Ubuntu 24.04",
    osType: "linux",
    architecture: "x86_64",
    kernel: "6.8.0",
    cgroupVersion: "2",
    cgroupDriver: "systemd",
    securityOptions: [],
    memoryBytes: 8 * 2 ** 30,
    cpus: 4,
    swapBytes: 0,
    clockOffsetMs: 0,
    disks: {},
    kernelFacts: { br_netfilter: "loaded" },
    addresses: [],
    listening: [],
    leftovers: [...leftovers],
    docker: {
      serverVersion: "27.5.1",
      apiVersion: "1.47",
      rootDir: "/var/lib/docker",
      storageDriver: "overlay2",
      liveRestore: false,
      registryMirrors: [],
    },
  };
}
