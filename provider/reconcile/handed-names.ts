import { RkeError } from "../errors.ts";
import type { Runbook, World } from "./runbook.ts";

/**
 * Refuses to give a machine the name of another one that stays under a new name. Both would speak for one Node object until
 * the second is changed, and which pods were whose nobody could tell.
 */
export function refuseHandedNames(world: World, runbook: () => Runbook): Runbook {
  const { desired, former = [] } = world;
  for (const { node } of desired.nodes) {
    const { hostnameOverride: name, address } = node;
    const before = former.find((one) => one.hostnameOverride === name && one.address !== address);
    const stays = desired.nodes.find((plan) => plan.node.address === before?.address)?.node;
    const hadIt = former.some((one) => one.hostnameOverride === name && one.address === address);
    if (stays === undefined || hadIt) continue;
    throw new RkeError("unsafe", {
      doing: `call ${address} "${name}"`,
      because: `${stays.address} is called so, and is to be called "${stays.hostnameOverride}"`,
      hint: `Give ${stays.address} its new name first and apply that; then ${address} can have the old one`,
    });
  }
  return runbook();
}
