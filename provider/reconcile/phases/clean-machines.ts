import { cleanHost } from "../../steps/clean-host.ts";
import { leaveUncleaned } from "../../steps/leave-uncleaned.ts";
import { type Phase, sideBySide, type World } from "../runbook.ts";
import { prefixOf, reached } from "../world.ts";

/** Cleans machines that can be reached and hold something, so that they can be used again. */
export function cleanMachines(world: World, title: string, addresses: readonly string[]): Phase {
  const { config } = world.desired;
  return sideBySide(
    title,
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
  );
}

/** Tells of the others among them that nobody could look at: what they hold stays there. */
export function leaveUncleanedMachines({ facts }: World, addresses: readonly string[]): Phase {
  return sideBySide(
    "Leave machines that do not answer",
    [...new Set(addresses)].map((address) => {
      const seen = facts.nodes[address];
      return seen?.status === "unreachable" ? [leaveUncleaned({ node: address, because: seen.because })] : [];
    }),
  );
}

const holdsSomething = (world: World, address: string): boolean => {
  const seen = reached(world, address);
  return seen !== undefined && (seen.containers.length > 0 || seen.machine.leftovers.length > 0);
};
