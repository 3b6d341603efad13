import type { NodePlan } from "../../desired/node-plan.ts";
import type { KubeNodeFact } from "../../observed/facts.ts";
import { patchFor, type SyncNodeObjectParams, syncNodeObject } from "../../steps/sync-node-object.ts";
import { uncordonNode } from "../../steps/uncordon-node.ts";
import { isApiAtHand } from "../api-at-hand.ts";
import { type FormerNode, type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { isNewNode, kubeNodeOf, predecessor, reachedPlans } from "../world.ts";

/** Gives the Node objects their labels, annotations and taints, and takes back those of earlier; what others have put there stays. */
export function nodeObjects(world: World): Phase | undefined {
  if (world.facts.kube === undefined && !isApiAtHand(world)) return undefined;
  return sideBySide(
    "Label nodes",
    reachedPlans(world).map((plan): Lane => {
      const wanted = wantedOf(world, plan);
      if (isRight(wanted, kubeNodeOf(world, wanted.name))) return [];
      // Whether a run that was killed has left it out of scheduling, nobody could see.
      const isKnown = !isNewNode(world, plan) || predecessor(world, plan) !== undefined;
      const isHidden = world.facts.kube === undefined && isKnown;
      return [syncNodeObject(wanted), ...(isHidden ? [uncordonNode({ name: wanted.name })] : [])];
    }),
  );
}

function wantedOf({ former = [] }: World, { node, nodeObject }: NodePlan): SyncNodeObjectParams {
  const before = former.find(({ hostnameOverride }) => hostnameOverride === node.hostnameOverride);
  const params = { name: node.hostnameOverride, ...nodeObject };
  return before === undefined ? params : { ...params, ...formerly(before) };
}

const formerly = ({ labels = {}, taints = [] }: FormerNode) => ({
  formerLabels: labels,
  formerTaints: taints.map(({ key = "", value = "", effect = "" }) => ({ key, value, effect })),
});

/** The step itself is asked whether it would find something to do. */
function isRight(wanted: SyncNodeObjectParams, seen: KubeNodeFact | undefined): boolean {
  if (seen === undefined) return false;
  const { name, labels, annotations, taints } = seen;
  return patchFor({ metadata: { name, labels, annotations }, spec: { taints } }, wanted) === undefined;
}
