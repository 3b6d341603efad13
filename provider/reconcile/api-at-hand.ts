import { RkeError } from "../errors.ts";
import { membership } from "./membership.ts";
import { quorumOf } from "./quorum.ts";
import type { Runbook, World } from "./runbook.ts";
import { hasRole, reachedPlans, silenceOf, unreachablePlans } from "./world.ts";

/** Whether there will be an API to speak to: it answers now, or this run can bring it back. */
export const isApiAtHand = (world: World): boolean => whyNoApi(world) === undefined;

/** Refuses what would stop halfway: a runbook that has to speak to an API that cannot answer. */
export function refuseWithoutApi(world: World, runbook: Runbook): Runbook {
  const needsApi = runbook.some(({ lanes }) => lanes.some((lane) => lane.some(({ kind }) => needingApi.has(kind))));
  const because = needsApi ? whyNoApi(world) : undefined;
  if (because === undefined) return runbook;
  throw new RkeError("unsafe", {
    doing: "change the cluster",
    because,
    hint: "Bring a majority of the nodes back, or restore the cluster from a snapshot, then try again",
  });
}

function whyNoApi(world: World): string | undefined {
  const isControlPlane = (plan: World["desired"]["nodes"][number]) => hasRole(plan, "controlplane");
  if (!reachedPlans(world).some(isControlPlane)) {
    const missing = unreachablePlans(world).filter(isControlPlane);
    const silent = silenceOf(
      world,
      missing.map(({ node }) => node),
    );
    return `0 of ${missing.length} control plane nodes can be reached, and without one the API does not answer${silent}`;
  }
  if (world.facts.kube !== undefined) return undefined;
  const { all, healthy } = membership(world)?.voters ?? { all: 0, healthy: 0 };
  if (all === 0 || healthy >= quorumOf(all)) return undefined;
  return `${healthy} of ${all} members of etcd are healthy and quorum is ${quorumOf(all)}, so the API does not answer`;
}

const needingApi: ReadonlySet<string> = new Set([
  "apply-addon",
  "apply-object",
  "cordon-node",
  "delete-kube-node",
  "drain-node",
  "forget-strangers",
  "prune-addon",
  "restart-pods",
  "sync-node-object",
  "uncordon-node",
  "wait-for-apiserver",
  "wait-for-node-ready",
  "wait-for-rollout",
]);
