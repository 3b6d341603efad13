import { discardRestore } from "../../steps/discard-restore.ts";
import { forgetStrangers } from "../../steps/forget-strangers.ts";
import { noteRestore } from "../../steps/note-restore.ts";
import { restartContainer } from "../../steps/restart-container.ts";
import { restartPods } from "../../steps/restart-pods.ts";
import { waitForHealthy } from "../../steps/wait-for-healthy.ts";
import { doneRestores, type MarkedMachine, restorePlace } from "../restore-progress.ts";
import { inOrder, type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { container, reached, reachedPlans, seenContainer, unreachablePlans } from "../world.ts";

/**
 * Restarts kubelets and proxies, which watch the API from where they had come to: the numbers of the restored data begin
 * earlier, so that they would hear of nothing until these have caught up. Pods go on running meanwhile.
 */
export function restartWatchers(world: World): Phase | undefined {
  const done = unfinished(world);
  if (done === undefined) return undefined;
  return sideBySide(
    "Let all nodes see the restored data",
    reachedPlans(world).map((plan): Lane => {
      const { address } = plan.node;
      const sinceMs = Date.parse(done.at) + (reached(world, address)?.machine.clockOffsetMs ?? 0);
      return ["kubelet", "kube-proxy"].flatMap((name) => {
        if (seenContainer(world, address, name)?.state !== "running") return [];
        const url = container(plan, name)?.healthCheckUrl;
        return [
          restartContainer({ node: address, name, because, sinceMs }),
          ...(url === undefined ? [] : [waitForHealthy({ node: address, name, url })]),
        ];
      });
    }),
  );
}

/** Restarts pods of the cluster's own that watch the API: those of `rke` carry the same labels. */
export function restartWatchingPods(world: World): Phase | undefined {
  const done = unfinished(world);
  if (done === undefined) return undefined;
  return inOrder("Let pods see the restored data", [restartPods({ labels: watching, before: done.at, because })]);
}

const because = "etcd's data are older than what they know";

const watching = [
  "k8s-app=calico-kube-controllers",
  "k8s-app=calico-node",
  "k8s-app=canal",
  "k8s-app=coredns-autoscaler",
  "k8s-app=flannel",
  "k8s-app=kube-dns",
  "k8s-app=kube-dns-autoscaler",
  "k8s-app=metrics-server",
  "name=weave-net",
  "app=ingress-nginx",
  "app=kube-api-auth",
  "app=cattle-cluster-agent",
];

/** Takes out of the API what the snapshot has brought back of machines that left after it was taken. */
export function forgetRestoredNodes(world: World): Phase | undefined {
  const done = unfinished(world);
  if (done === undefined) return undefined;
  const keep = world.desired.nodes.map(({ node }) => node.hostnameOverride);
  return inOrder("Forget nodes of the snapshot", [forgetStrangers({ keep, since: done.at })]);
}

/** Notes that nobody is left to be told, unless a machine does not answer that may go on with what it knows. */
export function finishRestore(world: World): Phase | undefined {
  if (unreachablePlans(world).length > 0) return undefined;
  return sideBySide(
    "Finish the restore",
    doneRestores(world)
      .filter(({ stage }) => stage === "done")
      .map((machine) => {
        const { at, sha256 } = machine;
        return [noteRestore({ ...restorePlace(world, machine), stage: "finished", done: { at, sha256 } })];
      }),
  );
}

/**
 * Removes the data from before a restore when the program does not ask for it any more: until then a person can come back to
 * them, whatever the restored cluster turns out to be.
 */
export function removeKeptData(world: World): Phase | undefined {
  if (world.restore !== undefined) return undefined;
  const isOpen = unreachablePlans(world).length > 0 && unfinished(world) !== undefined;
  if (isOpen) return undefined;
  return sideBySide(
    "Remove the data from before the restore",
    doneRestores(world).map((machine) => [discardRestore(restorePlace(world, machine))]),
  );
}

/** A restore that is done, and of which not everybody knows yet. */
const unfinished = (world: World): MarkedMachine | undefined =>
  doneRestores(world).find(({ stage }) => stage === "done");
