import type { NodePlan } from "../../desired/node-plan.ts";
import { writeFiles } from "../../steps/write-files.ts";
import { deployedOn } from "../deployment.ts";
import { type Lane, type Phase, sideBySide, type World } from "../runbook.ts";
import { reachedPlans } from "../world.ts";

/** Puts certificates and configuration files on the machines: before the first container, which is how a CA survives. */
export function deployFiles(world: World): Phase {
  return sideBySide(
    "Deploy certificates and files",
    reachedPlans(world).map((plan) => filesLane(world, plan)),
  );
}

/** Writes the files of one machine that are not as they should be. */
export function filesLane(world: World, plan: NodePlan): Lane {
  const files = deployedOn(world, plan);
  if (files.length === 0) return [];
  const { address } = plan.node;
  const image = world.desired.config.systemImages.alpine;
  return [writeFiles({ node: address, what: whatIn(files), prefixPath: plan.prefixPath, files, image })];
}

function whatIn(files: readonly { readonly path: string }[]): string {
  const names = files.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  return names.length > 4 ? `${names.length} files` : names.join(", ");
}
