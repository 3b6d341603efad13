import { helperNames } from "./our-containers.ts";
import { defineStep } from "./step.ts";

export interface StopListenersParams {
  readonly node: string;
}

/** Gives the ports back that were listened on for a check. */
export const stopListeners = defineStep<StopListenersParams>("stop-listeners", {
  title: () => "stop listening",

  async run({ node }, context) {
    const wasThere = await context.docker(node).remove(helperNames.listener, { signal: context.signal });
    return wasThere ? "changed" : "unchanged";
  },
});
