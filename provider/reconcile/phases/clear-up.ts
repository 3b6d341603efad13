import type { NodePlan } from "../../desired/node-plan.ts";
import { helperLabel } from "../../steps/our-containers.ts";
import { removeContainer } from "../../steps/remove-container.ts";
import { type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { container, isRight, reached, reachedPlans, seenContainer } from "../world.ts";

/**
 * Takes away what a run that was killed has left and no step of this one will come across: containers of a moment, and
 * those that stood aside for a replacement which runs by now, or which is not wanted any more.
 */
export function clearUp(world: World): Phase {
  return sideBySide(
    "Clear up after a run that was killed",
    reachedPlans(world).map((plan): Lane => {
      const { address } = plan.node;
      const seen = reached(world, address)?.containers ?? [];
      return seen
        .filter(({ name, labels }) => helperLabel in labels || isPastUse(world, plan, name))
        .map(({ name }) => removeContainer({ node: address, name }));
    }),
  );
}

function isPastUse(world: World, plan: NodePlan, name: string): boolean {
  if (!name.startsWith("old-")) return false;
  const successor = name.slice("old-".length);
  const planned = container(plan, successor);
  const seen = seenContainer(world, plan.node.address, successor);
  if (planned !== undefined) return isRight(planned, seen);
  // One that is not wanted goes with its name, in its turn; and a member of etcd leaves before its container.
  return (
    seen === undefined && !(successor === "etcd" && seenContainer(world, plan.node.address, name)?.state === "running")
  );
}
