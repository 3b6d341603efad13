import type { NodeConfig } from "../config/cluster-config.ts";
import { comparableDigest } from "../desired/container-spec.ts";
import { assumedDockerFacts } from "../desired/docker-facts.ts";
import type { NodeContainer, NodePlan } from "../desired/node-plan.ts";
import { prefixed, prefixPathOf } from "../desired/paths.ts";
import type { ContainerFact, EtcdMemberFact, KubeNodeFact, ReachedNode } from "../observed/facts.ts";
import type { FormerNode, World } from "./runbook.ts";

type Role = NodeConfig["role"][number];

/** What was seen of a machine, or undefined for one that did not answer. */
export function reached({ facts }: World, address: string): ReachedNode | undefined {
  const node = facts.nodes[address];
  return node?.status === "reached" ? node : undefined;
}

/** The wanted nodes that answered; the others are left alone, and neither removed nor replaced. */
export const reachedPlans = (world: World): readonly NodePlan[] =>
  world.desired.nodes.filter(({ node }) => reached(world, node.address) !== undefined);

/** Those of them that are to have a member of etcd. */
export const etcdPlans = (world: World): readonly NodePlan[] =>
  reachedPlans(world).filter((plan) => hasRole(plan, "etcd"));

/** The wanted nodes that did not answer. */
export const unreachablePlans = (world: World): readonly NodePlan[] =>
  world.desired.nodes.filter(({ node }) => reached(world, node.address) === undefined);

/** Nodes by name, a line each, with what was said instead of an answer. */
export function silenceOf({ facts }: World, nodes: readonly (FormerNode | NodeConfig)[]): string {
  const line = (node: FormerNode | NodeConfig): string => {
    const seen = facts.nodes[node.address];
    return `\n  ${nameOf(node)}${seen?.status === "unreachable" ? `: ${seen.because}` : ""}`;
  };
  return nodes.map(line).join("");
}

/** Nodes that were part of the cluster and are not wanted any more, whether they answer or not. */
export const leavingNodes = ({ desired, former = [] }: World): readonly FormerNode[] =>
  former.filter(({ address }) => !desired.nodes.some(({ node }) => node.address === address));

export const hasRole = ({ node }: NodePlan, role: Role): boolean => node.role.includes(role);

export const container = (plan: NodePlan, name: string): NodeContainer | undefined =>
  plan.containers.find(({ spec }) => spec.name === name);

export const seenContainer = (world: World, address: string, name: string): ContainerFact | undefined =>
  reached(world, address)?.containers.find((seen) => seen.name === name);

/** Whether a container is there and as it should be. One that `rke` made is judged as `rke` would. */
export function isRight({ spec, olderSpec, hash, starts }: NodeContainer, seen: ContainerFact | undefined): boolean {
  if (seen === undefined) return false;
  const isSameToRke = () =>
    [spec, olderSpec].some((one) => one !== undefined && seen.comparable === comparableDigest(one));
  const same = seen.specHash === undefined ? isSameToRke() : seen.specHash === hash;
  return same && (starts ? seen.state === "running" : true);
}

export const kubeNodeOf = ({ facts }: World, name: string): KubeNodeFact | undefined =>
  facts.kube?.nodes.find((seen) => seen.name === name);

/**
 * Whether a node has never been part of the cluster: it is in no list of nodes, and runs no kubelet. A control plane that
 * takes another machine's place under its name counts as new: the API may depend on its being started.
 */
export function isNewNode(world: World, plan: NodePlan): boolean {
  const { hostnameOverride, address } = plan.node;
  if (seenContainer(world, address, "kubelet") !== undefined) return false;
  if (predecessor(world, plan) !== undefined) return hasRole(plan, "controlplane");
  if (world.facts.kube !== undefined) return kubeNodeOf(world, hostnameOverride) === undefined;
  return !(world.former ?? []).some((node) => node.address === address && !node.isUnfinished);
}

/** The machines of those nodes, each once, with all the roles that it may have. */
export function leavingMachines(world: World): readonly Pick<FormerNode, "address" | "role" | "hostnameOverride">[] {
  const nodes = leavingNodes(world);
  return [...new Set(nodes.map(({ address }) => address))].flatMap((address) => {
    const [first, ...others] = nodes.filter((node) => node.address === address);
    if (first === undefined) return [];
    return [{ ...first, role: [...new Set([first, ...others].flatMap(({ role }) => role))] }];
  });
}

/** Names that a machine has had in the cluster and that no machine is to have any more: it was given another one. */
export function formerNames({ desired, former = [] }: World, { node }: NodePlan): readonly string[] {
  const isWanted = (name: string) => desired.nodes.some((plan) => plan.node.hostnameOverride === name);
  const names = former.filter(({ address }) => address === node.address).map((one) => one.hostnameOverride);
  return [...new Set(names)].filter((name) => !isWanted(name));
}

/** The machine that leaves and whose name, and so whose Node object, goes over to this one. */
export function predecessor({ desired, former = [] }: World, { node }: NodePlan): FormerNode | undefined {
  const before = former.find(({ hostnameOverride }) => hostnameOverride === node.hostnameOverride);
  return desired.nodes.some((plan) => plan.node.address === before?.address) ? undefined : before;
}

/** Whether something is taken away when a machine is disturbed: its API server runs, or its node takes pods. */
export const isServing = (world: World, plan: NodePlan): boolean =>
  (hasRole(plan, "controlplane") && runsApiServer(world, plan)) || !isSick(world, plan);

/** Whether a node takes no pods as it is: it is not Ready, or a run that was killed has left it out of scheduling. */
export function isSick(world: World, plan: NodePlan): boolean {
  const names = [plan.node.hostnameOverride, ...formerNames(world, plan)];
  const seen = names.map((name) => kubeNodeOf(world, name)).find((node) => node !== undefined);
  return seen?.isReady !== true || seen.isCordonedByUs;
}

export const runsApiServer = (world: World, { node }: NodePlan): boolean =>
  seenContainer(world, node.address, "kube-apiserver")?.state === "running";

/** Whether an API server may be thought to answer. While none does, one that runs is no better than one that does not. */
export const servesApi = (world: World, plan: NodePlan): boolean =>
  world.facts.kube !== undefined && runsApiServer(world, plan);

/** Whether there is an API to speak to before this machine is changed: others serve, or are started before. */
export const hasApiBeside = (world: World, plan: NodePlan): boolean =>
  reachedPlans(world).some(
    (other) => other !== plan && hasRole(other, "controlplane") && (servesApi(world, other) || isNewNode(world, other)),
  );

/**
 * Whether a node has what its etcd member lives on. A container that is there has its data; without one, the directory
 * tells. Where nobody could look into it, data are assumed: they must not be deleted by mistake.
 */
export function holdsEtcdData(world: World, { node, prefixPath }: NodePlan): boolean {
  return mayHoldEtcdData(world, { address: node.address, prefixPath });
}

/** Machines that had a member of etcd, each once, as far as anybody remembers: all there is to go by while etcd is silent. */
export function formerMembers(world: World): readonly FormerNode[] {
  const members = (world.former ?? []).filter((node) => node.role.includes("etcd") && mayBeMember(world, node));
  return [...new Map(members.map((node) => [node.address, node])).values()];
}

/** A machine with which a run has only begun counts where it is to leave, and may have data that nobody else has. */
function mayBeMember(world: World, { isUnfinished = false, address }: FormerNode): boolean {
  if (!isUnfinished) return true;
  if (world.desired.nodes.some(({ node }) => node.address === address)) return false;
  const prefixPath = prefixOf(world, address);
  return reached(world, address) === undefined || mayHoldEtcdData(world, { address, prefixPath });
}

function mayHoldEtcdData(
  world: World,
  { address, prefixPath }: { readonly address: string; readonly prefixPath: string },
): boolean {
  if (seenContainer(world, address, "etcd") !== undefined) return true;
  const { leftovers = [], unknown = [] } = reached(world, address)?.machine ?? {};
  return unknown.includes("leftovers") || leftovers.includes(prefixed(prefixPath, "/var/lib/etcd"));
}

/** The etcd member of a node, known by its peer address. */
export const memberOf = ({ facts }: World, internalAddress: string): EtcdMemberFact | undefined =>
  facts.etcd?.members.find(({ peerUrls }) => peerUrls.includes(peerUrl(internalAddress)));

export const peerUrl = (internalAddress: string): string => `https://${internalAddress}:2380`;

/** How a machine is called in sentences. */
export const nameOf = ({ hostnameOverride, address }: Pick<NodeConfig, "hostnameOverride" | "address">): string =>
  hostnameOverride === address ? address : `${hostnameOverride} (${address})`;

/** Where the directories of RKE lie on a machine, wanted or not. */
export function prefixOf(world: World, address: string): string {
  const os = reached(world, address)?.machine.os ?? assumedDockerFacts.operatingSystem;
  return prefixPathOf(world.desired.config, { ...assumedDockerFacts, operatingSystem: os });
}
