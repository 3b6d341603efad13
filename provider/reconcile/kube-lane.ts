import type { NodePlan } from "../desired/node-plan.ts";
import type { KubeNodeFact } from "../observed/facts.ts";
import { cordonNode } from "../steps/cordon-node.ts";
import { drainNode } from "../steps/drain-node.ts";
import { removeContainer } from "../steps/remove-container.ts";
import type { Step } from "../steps/step.ts";
import { uncordonNode } from "../steps/uncordon-node.ts";
import { waitForApiserver } from "../steps/wait-for-apiserver.ts";
import { waitForHealthy } from "../steps/wait-for-healthy.ts";
import { waitForNodeReady } from "../steps/wait-for-node-ready.ts";
import { containerStep, unwantedContainers } from "./container-steps.ts";
import type { Lane, World } from "./runbook.ts";
import { formerNames, hasApiBeside, hasRole, kubeNodeOf, predecessor, seenContainer, servesApi } from "./world.ts";

/** etcd and its snapshots have phases of their own. */
const elsewhere = new Set(["etcd", "etcd-rolling-snapshots"]);

/** What has to be done about the Kubernetes containers of one machine; empty when all are as they should be. */
export function kubeSteps(world: World, plan: NodePlan): readonly Step[] {
  const steps = plan.containers.flatMap((container) => {
    const step = elsewhere.has(container.spec.name) ? undefined : containerStep(world, plan, container);
    return step === undefined ? [] : [{ step, isPatient: patient.has(container.spec.name) }];
  });
  const inTurn = steps.toSorted((a, b) => Number(a.isPatient) - Number(b.isPatient));
  // A role that is lost frees the ports of the one that takes its place.
  return [...unwantedContainers(world, plan), ...atOnce(inTurn.map(({ step }) => step))];
}

/**
 * The API server takes five seconds to stop, and the kubelet sleeps for ten before it starts. It asks no other API server than
 * that of its own machine, which lets nobody in once it has begun to stop: so the new kubelet meets the new one.
 */
function atOnce(steps: readonly Step[]): readonly Step[] {
  const both = ["kube-apiserver", "kubelet"].map((name) =>
    steps.find((step) => step.kind === "run-container" && step.alongside === undefined && replaces(step, name)),
  );
  if (both.includes(undefined)) return steps;
  return steps.map((step) => (both.includes(step) ? { ...step, alongside: "replacements" } : step));
}

/**
 * Those that nothing on the machine waits for. They come last: a kubelet sleeps ten seconds before it starts, time enough
 * to replace them.
 */
const patient = new Set(["kube-controller-manager", "kube-scheduler", "kube-proxy"]);

/** What brings up a machine that is not in the cluster yet. */
export interface NewNodeLanes {
  /** Starts all that need not wait for anything. */
  readonly start: Lane;
  /** Waits for that, and starts what comes after. */
  readonly finish: Lane;
}

/**
 * Brings up a machine that is not in the cluster yet. Nothing runs on it, so nothing has to leave it first.
 *
 * kube-proxy asks for its Node after 1, 3, 7 and 15 seconds, and a kubelet takes some 12 to make one. Pods reach the API
 * through kube-proxy, those of the network among them; so it starts when its first question has an answer.
 */
export function newNodeLanes(world: World, plan: NodePlan): NewNodeLanes {
  const steps = kubeSteps(world, plan);
  const last = steps.filter((step) => replaces(step, "kube-proxy"));
  const first = [...relieved(world, plan), ...steps.filter((step) => !last.includes(step))];
  return { start: first, finish: [...waitsFor(plan, first), ...last, ...waitsFor(plan, last)] };
}

/**
 * Changes a machine that is in use. Pods feel it only when the kubelet is replaced, so only then is the node taken out of
 * scheduling and, where that is wanted, emptied; and only a node that we took out is put back.
 */
export function changeLane(world: World, plan: NodePlan): Lane {
  const steps = kubeSteps(world, plan);
  const { hostnameOverride: name } = plan.node;
  const node = knownOrAssumed(world, plan);
  if (steps.length === 0) return putBack(plan, node);
  const waits = waitsFor(plan, steps);
  const isKubeletReplaced = steps.some((step) => replaces(step, "kubelet"));
  // The pods of a machine that is to be called otherwise belong to the node that it was, and end with it.
  const isRenamed = isKubeletReplaced && formerNames(world, plan).length > 0;
  const before = isRenamed ? emptied(world, plan) : [];
  if (node === undefined) {
    const registered = isRenamed ? [ready(plan)] : [];
    return [
      ...before,
      ...relieved(world, plan),
      ...steps,
      ...waits,
      ...registered,
      ...putBack(plan, kubeNodeOf(world, name)),
    ];
  }
  if (!isKubeletReplaced) return [...steps, ...waits, ...putBack(plan, node)];

  // Whoever else has taken the node out of scheduling will put it back.
  const isOthers = node.isUnschedulable && !node.isCordonedByUs;
  return [
    ...before,
    ...(isOthers ? [] : [cordonNode({ name })]),
    ...drained(world, plan, node),
    ...relieved(world, plan),
    ...steps,
    ...waits,
    ready(plan),
    ...(isOthers ? [] : [uncordonNode({ name })]),
  ];
}

type KnownNode = Pick<KubeNodeFact, "name" | "isReady" | "isUnschedulable" | "isCordonedByUs">;

/**
 * While no API server answers nobody knows the nodes, but those that run a kubelet are there: by the time they are
 * changed the API is back. Only where it is this machine that brings it back, nothing can be asked before.
 */
function knownOrAssumed(world: World, plan: NodePlan): KnownNode | undefined {
  const { hostnameOverride: name } = plan.node;
  if (bringsApi(world, plan)) return undefined;
  if (world.facts.kube !== undefined) return kubeNodeOf(world, name);
  return { name, isReady: true, isUnschedulable: false, isCordonedByUs: false };
}

/** Whether no API server can be asked before this machine is changed. */
const bringsApi = (world: World, plan: NodePlan): boolean =>
  hasRole(plan, "controlplane") && !servesApi(world, plan) && !hasApiBeside(world, plan);

/** Empties a machine under the names that it has had. Under the new one nothing runs yet. */
function emptied(world: World, plan: NodePlan): Lane {
  if (bringsApi(world, plan)) return [];
  const options = { ...world.desired.config.upgradeStrategy.nodeDrainInput, deleteLocalData: true, force: true };
  return formerNames(world, plan).flatMap((name): Lane => {
    const isReady = world.facts.kube === undefined || kubeNodeOf(world, name)?.isReady === true;
    return isReady ? [cordonNode({ name }), drainNode({ name, options })] : [];
  });
}

/** A run that was killed may have left a node out of scheduling, or not Ready yet; the mark on it says that it was ours. */
export function putBack(plan: NodePlan, node: KnownNode | undefined): Lane {
  if (!node?.isCordonedByUs) return [];
  return [...(node.isReady ? [] : [ready(plan)]), uncordonNode({ name: node.name })];
}

/** Waits until the kubelet of a machine has said that it is well, since it was started. */
export const ready = ({ node: { hostnameOverride, address } }: NodePlan): Step =>
  waitForNodeReady({ name: hostnameOverride, node: address });

/** A node that is not ready runs nothing that could be asked to leave. One that gets another machine loses all it runs. */
function drained(world: World, plan: NodePlan, { isReady, name }: KnownNode): Lane {
  const { drain, nodeDrainInput: options } = world.desired.config.upgradeStrategy;
  if (!isReady) return [];
  if (predecessor(world, plan) !== undefined) {
    return [drainNode({ name, options: { ...options, deleteLocalData: true, force: true } })];
  }
  return drain ? [drainNode({ name, options })] : [];
}

/** Two kubelets that speak for the same node would undo each other's work: that of the machine that leaves stops first. */
function relieved(world: World, plan: NodePlan): Lane {
  const before = predecessor(world, plan);
  if (before === undefined) return [];
  return ["kubelet", "kube-proxy"]
    .filter((name) => seenContainer(world, before.address, name) !== undefined)
    .map((name) => removeContainer({ node: before.address, name }));
}

/** Waits for each container that was started or restarted. */
export function waitsFor(plan: NodePlan, steps: readonly Step[]): Lane {
  return plan.containers.flatMap(({ spec: { name }, healthCheckUrl }) => {
    if (healthCheckUrl === undefined || !steps.some((step) => replaces(step, name))) return [];
    const { address } = plan.node;
    if (name === "kube-apiserver") return [waitForApiserver({ node: address })];
    return [waitForHealthy({ node: address, name, url: healthCheckUrl })];
  });
}

function replaces({ kind, params }: Step, name: string): boolean {
  if (kind === "remove-container") return false;
  if ("container" in params) return (params.container as { spec: { name: string } }).spec.name === name;
  return "name" in params && params.name === name;
}
