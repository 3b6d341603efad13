import { bootstrapObjects } from "../../provider/desired/bootstrap-objects.ts";
import type { ClusterPlan } from "../../provider/desired/cluster-plan.ts";
import type { NodeContainer } from "../../provider/desired/node-plan.ts";
import { isOfOtherRole } from "../../provider/pki/files.ts";
import type { ApplyAddonParams } from "../../provider/steps/apply-addon.ts";
import type { RemoveFilesParams } from "../../provider/steps/remove-files.ts";
import type { Step } from "../../provider/steps/step.ts";
import type { SyncNodeObjectParams } from "../../provider/steps/sync-node-object.ts";
import { patchFor } from "../../provider/steps/sync-node-object.ts";
import type { WriteFilesParams } from "../../provider/steps/write-files.ts";
import { aNode, type ModelCluster, modelFile } from "./model.ts";
import { ModelError } from "./model-etcd.ts";

/** Does to the model what a step would do to a cluster; throws where the step would fail, or must not be. */
export function perform(step: Step, cluster: ModelCluster, plan: ClusterPlan): void {
  const machine = step.node === undefined || elsewhere.has(step.kind) ? undefined : cluster.machine(step.node);
  if (machine !== undefined && machine.answers !== "yes")
    throw new ModelError(`${step.node} does not answer: ${step.title}`);
  const deed = deeds[step.kind];
  if (deed === undefined) throw new ModelError(`the model knows no ${step.kind}`);
  // biome-ignore lint/suspicious/noExplicitAny: a step says what its parameters are by its kind
  deed(step.params as any, cluster, plan);
  refuseNonsense(cluster);
}

/** A run that is killed between the creation of a container and its start, or of an addon and its end. */
export function performHalf(step: Step, cluster: ModelCluster): void {
  if (step.kind === "apply-addon") cluster.addons.applyHalf(step.params as ApplyAddonParams);
  if (step.kind !== "run-container" || step.node === undefined) return;
  const { container } = step.params as { container: NodeContainer };
  const { containers } = cluster.machine(step.node);
  const before = containers.get(container.spec.name);
  if (before !== undefined) containers.set(`old-${container.spec.name}`, { ...before, state: "exited" });
  cluster.put(step.node, container);
  cluster.container(step.node, container.spec.name).state = "created";
}

// biome-ignore lint/suspicious/noExplicitAny: as above
type Deed = (params: any, cluster: ModelCluster, plan: ClusterPlan) => void;

/** Steps about a machine that are not done on it. */
const elsewhere: ReadonlySet<string> = new Set(["remove-etcd-member", "leave-uncleaned"]);

const nothing: Deed = () => undefined;

const deeds: Readonly<Record<string, Deed>> = {
  "pull-image": ({ node, image }, cluster) => cluster.machine(node).images.add(image),
  "start-listeners": ({ node }, cluster) => {
    cluster.machine(node).isListening = true;
  },
  "check-ports": ({ targets }, cluster) => {
    for (const { address } of targets) {
      const isThere = cluster.machine(address).isListening || cluster.machine(address).containers.size > 0;
      if (!isThere) throw new ModelError(`nobody listens on ${address}`);
    }
  },
  "stop-listeners": ({ node }, cluster) => {
    cluster.machine(node).isListening = false;
  },
  "write-files": ({ node, files }: WriteFilesParams, cluster) => {
    const writtenAtMs = cluster.tick();
    for (const file of files) {
      const wanted = modelFile(file);
      const there = cluster.machine(node).files.get(file.path);
      const isWritten = there?.sha256 !== wanted.sha256;
      const since = isWritten ? writtenAtMs : there.writtenAtMs;
      cluster.machine(node).files.set(file.path, { ...wanted, ...(since !== undefined && { writtenAtMs: since }) });
    }
  },
  "remove-files": ({ node, paths }: RemoveFilesParams, cluster) => {
    for (const path of paths) {
      const reader = isOfOtherRole(path, { roles: ["controlplane"] }) ? "etcd" : "kube-apiserver";
      if (cluster.runs(node, reader)) throw new ModelError(`${reader} runs on ${node} and reads ${path}`);
      cluster.machine(node).files.delete(path);
    }
  },
  "prepare-etcd-directory": ({ node, isFresh = false }, cluster) => {
    if (!isFresh) return;
    if (cluster.runs(node, "etcd")) throw new ModelError(`etcd runs on ${node}`);
    cluster.etcd.forget(node);
  },
  "run-container": ({ node, container }: { node: string; container: NodeContainer }, cluster) => {
    const { name } = container.spec;
    const { containers } = cluster.machine(node);
    containers.delete(`old-${name}`);
    const there = containers.get(name);
    if (there?.hash === container.hash && !there.isAdopted && (there.state === "running" || !container.starts)) return;
    cluster.put(node, container);
    started(node, name, cluster);
  },
  "restart-container": ({ node, name, sinceMs }, cluster) => {
    const container = cluster.container(node, name);
    if (container.state === "running" && container.startedAtMs > sinceMs) return;
    container.state = "running";
    container.startedAtMs = cluster.tick();
    started(node, name, cluster);
  },
  "remove-container": ({ node, name }, cluster) => {
    cluster.machine(node).containers.delete(name);
    cluster.machine(node).containers.delete(`old-${name}`);
  },
  "wait-for-etcd": ({ node }, cluster) => cluster.etcd.waitFor(node),
  // Who leads is nothing that the model knows.
  "hand-over-etcd": () => undefined,
  "wait-for-apiserver": ({ node }, cluster) => {
    cluster.settlingApiServers.delete(node);
    if (!cluster.serves(node)) throw new ModelError(`kube-apiserver on ${node} never becomes ready`);
  },
  "wait-for-healthy": ({ node, name }, cluster) => {
    if (!cluster.runs(node, name)) throw new ModelError(`${name} on ${node} never becomes healthy`);
  },
  "add-etcd-learner": ({ peerUrl, via }, cluster) => cluster.etcd.add(peerUrl, reachable(via, cluster)),
  "promote-etcd-member": ({ peerUrl, via }, cluster) => cluster.etcd.promote(peerUrl, reachable(via, cluster)),
  "remove-etcd-member": ({ memberId, via }, cluster) => cluster.etcd.remove(memberId, reachable(via, cluster)),
  "cordon-node": ({ name }, cluster, plan) => {
    mustHaveApi(cluster, plan);
    const node = cluster.nodes.get(name);
    if (node?.cordon === "none") node.cordon = "ours";
  },
  "uncordon-node": ({ name }, cluster, plan) => {
    mustHaveApi(cluster, plan);
    const node = cluster.nodes.get(name);
    if (node?.cordon === "ours") node.cordon = "none";
  },
  "drain-node": ({ name }, cluster, plan) => {
    mustHaveApi(cluster, plan);
    if (cluster.nodes.get(name)?.cordon === "none") throw new ModelError(`${name} is drained and not cordoned`);
  },
  "wait-for-node-ready": ({ name }, cluster, plan) => {
    mustHaveApi(cluster, plan);
    const node = cluster.nodes.get(name);
    if (node !== undefined) node.isSettling = false;
    if (!cluster.isReady(name)) throw new ModelError(`${name} never becomes Ready`);
  },
  "delete-kube-node": ({ name }, cluster, plan) => {
    mustHaveApi(cluster, plan);
    const machine = cluster.nodes.get(name)?.machine ?? "";
    if (cluster.machine(machine).answers === "yes" && cluster.kubeletOf(machine) === name) {
      throw new ModelError(`the kubelet of ${name} runs on, and would register it again`);
    }
    cluster.nodes.delete(name);
  },
  "sync-node-object": (params: SyncNodeObjectParams, cluster, plan) => {
    mustHaveApi(cluster, plan);
    const node = cluster.nodes.get(params.name);
    if (node === undefined) throw new ModelError(`${params.name} never registers`);
    const patch = patchFor({ metadata: { name: params.name, ...node }, spec: node }, params) as NodePatch | undefined;
    merge(node.labels, patch?.metadata.labels);
    merge(node.annotations, patch?.metadata.annotations);
    node.taints = patch?.spec?.taints?.map(({ key, value = "", effect }) => ({ key, value, effect })) ?? node.taints;
  },
  "apply-object": ({ path }, cluster, plan) => {
    mustHaveApi(cluster, plan);
    const object = bootstrapObjects(plan.config).find((one) => one.path === path);
    if (object !== undefined) cluster.bootstrapped.add(object.name);
  },
  "apply-addon": (params, cluster, plan) => {
    mustHaveApi(cluster, plan);
    cluster.addons.apply(params);
  },
  "prune-addon": (params, cluster, plan) => {
    mustHaveApi(cluster, plan);
    cluster.addons.prune(params);
  },
  "wait-for-rollout": (params, cluster, plan) => {
    mustHaveApi(cluster, plan);
    cluster.addons.waitFor(params);
  },
  "clean-host": ({ node }, cluster) => {
    if (cluster.etcd.at(node) !== undefined) throw new ModelError(`${node} is cleaned and still a member of etcd`);
    cluster.wipe(node);
  },
  "save-etcd": ({ node }, cluster) => {
    const member = cluster.etcd.at(node);
    if (member === undefined || member.isLearner || !cluster.etcd.isUp(member) || !cluster.etcd.hasQuorum()) {
      throw new ModelError(`etcd on ${node} cannot give a snapshot`);
    }
  },
  "measure-fsync": nothing,
  "leave-uncleaned": ({ node }, cluster) => {
    if (cluster.machine(node).answers === "yes") throw new ModelError(`${node} answers and could be cleaned`);
  },
};

interface NodePatch {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly spec?: { readonly taints?: readonly { key: string; value?: string; effect: string }[] };
}

function merge(target: Record<string, string>, patch: Readonly<Record<string, string | null>> = {}): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete target[key];
    else target[key] = value;
  }
}

function started(address: string, name: string, cluster: ModelCluster): void {
  const { spec } = cluster.container(address, name);
  const hostname = cluster.kubeletOf(address);
  if (name === "etcd") cluster.etcd.start(address, spec);
  if (name === "kube-apiserver") cluster.settlingApiServers.add(address);
  if (name !== "kubelet" || hostname === undefined) return;
  const node = cluster.nodes.get(hostname);
  if (node === undefined) cluster.nodes.set(hostname, { ...aNode(address), isSettling: true });
  else Object.assign(node, { machine: address, isSettling: true });
}

const reachable = (via: readonly string[], cluster: ModelCluster): readonly string[] =>
  via.filter((address) => cluster.machine(address).answers === "yes");

function mustHaveApi(cluster: ModelCluster, { nodes }: ClusterPlan): void {
  const isThere = nodes.some(
    ({ node }) =>
      node.role.includes("controlplane") &&
      cluster.machine(node.address).answers === "yes" &&
      cluster.serves(node.address),
  );
  if (!isThere) throw new ModelError("no API server answers");
}

/** Two that listen on one port, and two that speak for one node. */
function refuseNonsense(cluster: ModelCluster): void {
  const names = new Map<string, string>();
  for (const { address, answers } of cluster.machines.values()) {
    if (cluster.runs(address, "nginx-proxy") && cluster.runs(address, "kube-apiserver")) {
      throw new ModelError(`nginx-proxy and kube-apiserver share a port on ${address}`);
    }
    // One that we cannot reach we cannot stop either.
    const name = cluster.kubeletOf(address);
    if (answers !== "yes" || name === undefined) continue;
    const other = names.get(name);
    if (other !== undefined) throw new ModelError(`the kubelets of ${other} and ${address} both are ${name}`);
    names.set(name, address);
  }
}
