import { writeFiles } from "../../steps/write-files.ts";
import { deployedOn } from "../deployment.ts";
import { type Phase, sideBySide, type World } from "../runbook.ts";
import { reachedPlans } from "../world.ts";

/** Puts certificates and configuration files on the machines: before the first container, which is how a CA survives. */
export function deployFiles(world: World): Phase {
  const { alpine } = world.desired.config.systemImages;
  return sideBySide(
    "Deploy certificates and files",
    reachedPlans(world).map((plan) => {
      const files = deployedOn(world, plan);
      if (files.length === 0) return [];
      const { address } = plan.node;
      return [writeFiles({ node: address, what: whatIn(files), prefixPath: plan.prefixPath, files, image: alpine })];
    }),
  );
}

function whatIn(files: readonly { readonly path: string }[]): string {
  const names = files.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  return names.length > 4 ? `${names.length} files` : names.join(", ");
}
