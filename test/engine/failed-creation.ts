import { aFleet, type Fleet } from "../fleet/fleet.ts";
import { loseAt, type Moment, moments } from "../host/moments.ts";
import { clusterProgram } from "./cluster-program.ts";
import { aStack, type EngineStack } from "./stack.ts";

/** When there is nothing yet, when there are data, and near the end. The provider is tested by itself with all others. */
export const someMoments: readonly Moment[] = moments.filter(({ phase }) =>
  ["pulls images", "starts etcd", "registers nodes"].includes(phase),
);

interface Created {
  readonly fleet: Fleet;
  readonly stack: EngineStack;
}

/** A creation that loses its machines at that moment; afterwards they answer again. `closing` is told how to tidy up. */
export async function failedCreation(moment: Moment, closing: (close: () => Promise<void>) => void): Promise<Created> {
  const { nodes } = moment;
  const fleet = await aFleet({ nodes: Object.keys(nodes).length });
  closing(() => fleet.close());
  const stack = await aStack({ program: clusterProgram(fleet, { nodes }) });
  closing(() => stack.close());
  loseAt(moment, fleet);
  const { failure } = await stack.up();
  if (!fleet.faults.isDead) throw new Error("The creation came to its end and never to that moment");
  if (failure === undefined) throw new Error("The creation did not fail");
  fleet.revive();
  return { fleet, stack };
}
