import { bootstrapObjects } from "../../desired/bootstrap-objects.ts";
import { applyObject } from "../../steps/apply-object.ts";
import { isApiAtHand } from "../api-at-hand.ts";
import { inOrder, type Phase, type World } from "../runbook.ts";

/** Gives kubelets and API servers their rights; no node can join without. */
export function bootstrap(world: World): Phase | undefined {
  const { desired, facts } = world;
  // What nobody can see is not missing: there are API servers, and they cannot answer.
  if (facts.kube === undefined && !isApiAtHand(world)) return undefined;
  const there = new Set(facts.kube?.bootstrapped);
  const due = bootstrapObjects(desired.config).filter(({ name }) => !there.has(name));
  return inOrder(
    "Grant the nodes their rights",
    due.map(({ path, object }) => applyObject({ path, object })),
  );
}
