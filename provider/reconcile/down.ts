import { cleanHost } from "../steps/clean-host.ts";
import { prefixOf } from "./phases/leaving-nodes.ts";
import { present, type Runbook, sideBySide, type World } from "./runbook.ts";
import { reached } from "./world.ts";

/** The end of a cluster: every machine that answers is cleaned. The snapshots of etcd stay on the machines. */
export function down(world: World): Runbook {
  const { config } = world.desired;
  const addresses = [...world.desired.nodes.map(({ node }) => node), ...(world.former ?? [])].map(
    ({ address }) => address,
  );
  return present([
    sideBySide(
      "Clean nodes",
      [...new Set(addresses)]
        .filter((address) => holdsSomething(world, address))
        .map((address) => [
          cleanHost({
            node: address,
            prefixPath: prefixOf(world, address),
            kubernetesImage: config.systemImages.kubernetes,
            toolsImage: config.systemImages.alpine,
          }),
        ]),
    ),
  ]);
}

const holdsSomething = (world: World, address: string): boolean => {
  const seen = reached(world, address);
  return seen !== undefined && (seen.containers.length > 0 || seen.machine.leftovers.length > 0);
};
