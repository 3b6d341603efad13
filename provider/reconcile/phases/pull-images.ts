import { pullImage } from "../../steps/pull-image.ts";
import { type Phase, sideBySide, type World } from "../runbook.ts";
import { isRight, reached, reachedPlans, seenContainer } from "../world.ts";

/** Fetches what the run will need before anything is stopped, so that a registry that fails does no harm. */
export function pullImages(world: World): Phase {
  return sideBySide(
    "Pull images",
    reachedPlans(world).map((plan) => {
      const { address } = plan.node;
      const due = plan.containers.filter(
        (container) => !isRight(container, seenContainer(world, address, container.spec.name)),
      );
      if (due.length === 0) return [];
      const here = new Set(reached(world, address)?.images);
      return plan.images.filter((image) => !here.has(image)).map((image) => pullImage({ node: address, image }));
    }),
  );
}
