import type { NodeContainer, NodePlan } from "../desired/node-plan.ts";
import { filesOf } from "../pki/files.ts";
import {
  CONTROLLER_MANAGER,
  etcdName,
  KUBE_APISERVER,
  KUBE_CA,
  KUBE_NODE,
  KUBE_PROXY,
  PROXY_CLIENT,
  REQUEST_HEADER_CA,
  SCHEDULER,
  SERVICE_ACCOUNT_TOKEN,
} from "../pki/names.ts";
import { removeContainer } from "../steps/remove-container.ts";
import { restartContainer } from "../steps/restart-container.ts";
import { runContainer } from "../steps/run-container.ts";
import type { Step } from "../steps/step.ts";
import { deployedOn } from "./deployment.ts";
import type { World } from "./runbook.ts";
import { isRight, peerUrl, reached, seenContainer } from "./world.ts";

/** What has to be done about one container: nothing, make it, or let it read its certificates again. */
export function containerStep(world: World, plan: NodePlan, container: NodeContainer): Step | undefined {
  const { address } = plan.node;
  const { name } = container.spec;
  const seen = seenContainer(world, address, name);
  if (!isRight(container, seen)) {
    const isNew = seen === undefined && seenContainer(world, address, `old-${name}`) === undefined;
    return runContainer({ node: address, container, ...(isNew && { isNew }) });
  }
  const changed = changedFiles(world, plan, name, seen?.startedAtMs);
  if (changed === undefined) return undefined;
  return restartContainer({ node: address, name, ...changed });
}

/** Containers of ours on the machine that the plan does not have: of a role that it lost, or left by a broken run. */
export function unwantedContainers(world: World, plan: NodePlan): readonly Step[] {
  const { address } = plan.node;
  const wanted = new Set(plan.containers.map(({ spec }) => spec.name));
  return (reached(world, address)?.containers ?? [])
    .filter(({ name }) => !wanted.has(name) && (ofOneRole.has(name) || isLeftEtcd(world, plan, name)))
    .map(({ name }) => removeContainer({ node: address, name }));
}

/** An etcd whose member is out already. One that still is a member has to leave first. */
function isLeftEtcd({ facts: { etcd } }: World, { node }: NodePlan, name: string): boolean {
  if (name !== "etcd" || etcd === undefined) return false;
  return !etcd.members.some(({ peerUrls }) => peerUrls.includes(peerUrl(node.internalAddress)));
}

/** Containers that machines have by their roles, but for etcd. The others run everywhere. */
const ofOneRole: ReadonlySet<string> = new Set([
  "nginx-proxy",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "etcd-rolling-snapshots",
]);

/**
 * The newest file that a container reads and that is newer than its start: either one that we changed and nobody told
 * it of, or one that this run is going to change.
 */
function changedFiles(
  world: World,
  plan: NodePlan,
  name: string,
  startedAtMs: number | undefined,
): { because: string; sinceMs: number } | undefined {
  const read = new Set(certificatesReadBy(name, plan).map((certificate) => filesOf(certificate).path));
  const due = deployedOn(world, plan).find(({ path, change }) => read.has(path) && change === "content");
  if (due !== undefined) return { because: `${due.path} changes`, sinceMs: seenAtMs(world, plan) };
  const late = reached(world, plan.node.address)?.files.find(
    ({ path, writtenAtMs }) => read.has(path) && writtenAtMs !== undefined && writtenAtMs > (startedAtMs ?? 0),
  );
  return late?.writtenAtMs === undefined
    ? undefined
    : { because: `${late.path} has changed`, sinceMs: late.writtenAtMs };
}

/**
 * When the machine was looked at, by its own clock. What starts later has read what this run deploys. How far that clock is
 * ahead is known as well as a round trip is short: what has started about then is started once more.
 */
function seenAtMs(world: World, { node }: NodePlan): number {
  return Date.parse(world.facts.seenAt) + (reached(world, node.address)?.machine.clockOffsetMs ?? 0) + clockDoubtMs;
}

const clockDoubtMs = 1000;

/** The certificates whose change a component only notices when it starts. */
function certificatesReadBy(name: string, { node }: NodePlan): readonly string[] {
  switch (name) {
    case "etcd":
      return [KUBE_CA, etcdName(node)];
    case "kube-apiserver":
      return [KUBE_CA, KUBE_APISERVER, REQUEST_HEADER_CA, SERVICE_ACCOUNT_TOKEN, PROXY_CLIENT];
    case "kube-controller-manager":
      return [KUBE_CA, KUBE_APISERVER, SERVICE_ACCOUNT_TOKEN, CONTROLLER_MANAGER];
    case "kube-scheduler":
      return [SCHEDULER];
    case "kubelet":
      return [KUBE_CA, KUBE_NODE];
    case "kube-proxy":
      return [KUBE_PROXY];
    default:
      return [];
  }
}
